import { describe, expect, test } from 'vitest'
import { type Attributes, type CallAttribution, type SettleOptions, settleTrace } from '@outlay/semconv'
import { callOf, chat, span, type SpanSketch } from './span-builder.ts'

const attributionOf = (
  attributes: Attributes,
  sketch: Partial<SpanSketch> = {},
  options?: SettleOptions,
): CallAttribution =>
  callOf(settleTrace([span({ id: 1, ...sketch, attributes: chat(1, 1, attributes) })], options), 1).attribution

describe('fields', () => {
  test('every own and standard attribute reaches its field', () => {
    const attributes = {
      'outlay.tenant.id': 'acme',
      'user.id': 'h_1',
      'outlay.subject': 'account',
      'outlay.feature': 'inbox',
      'outlay.route': 'fast',
      'outlay.workload': 'agent',
      'outlay.task.id': 't1',
      'outlay.task.type': 'inbox-triage',
      'outlay.parent_task.id': 't0',
      'gen_ai.conversation.id': 's1',
      'outlay.turn.id': 'u1',
      'outlay.tool': 'mail',
      'gen_ai.agent.name': 'triage',
      'gen_ai.prompt.version': '7',
      'gen_ai.request.reasoning.level': 'high',
      'outlay.tier': 'pro',
      'outlay.leaf.id': 'l1',
      'outlay.attempt': 3n,
      'outlay.outcome': 'solved',
    }
    const resource = { 'deployment.environment.name': 'production', 'service.name': 'mail-api' }
    expect(attributionOf(attributes, { resource })).toEqual({
      tenant: 'acme',
      user: 'h_1',
      subject: 'account',
      feature: 'inbox',
      route: 'fast',
      workload: 'agent',
      task: 't1',
      taskType: 'inbox-triage',
      parentTask: 't0',
      session: 's1',
      turn: 'u1',
      tool: 'mail',
      agent: 'triage',
      promptVersion: '7',
      effort: 'high',
      tier: 'pro',
      environment: 'production',
      service: 'mail-api',
      leaf: 'l1',
      attempt: 3,
      outcome: 'solved',
    })
  })

  test('what nobody said is empty; subject, attempt and task type have defaults', () => {
    expect(attributionOf({ 'outlay.feature': 'inbox' })).toMatchObject({
      tenant: '',
      task: '',
      subject: 'user',
      attempt: 1,
      taskType: 'inbox',
    })
  })

  test.each([0n, -1n, 'second', 1.5])('an attempt of %s is the first', (attempt) => {
    expect(attributionOf({ 'outlay.attempt': attempt }).attempt).toBe(1)
  })

  test('own names come before standard ones, standard ones before fallbacks', () => {
    const session = {
      'langfuse.session.id': 'langfuse',
      'session.id': 'standard',
      'gen_ai.conversation.id': 'conversation',
    }
    expect(attributionOf(session).session).toBe('conversation')
    expect(attributionOf({ 'gen_ai.agent.name': 'agent', 'outlay.feature': 'own' }).feature).toBe('own')
    expect(attributionOf({ 'gen_ai.agent.name': 'agent' }).feature).toBe('agent')
  })

  test('the LangSmith project is no session, and a trace id is no task', () => {
    expect(attributionOf({ 'langsmith.trace.session_id': 'project' })).toMatchObject({ session: '', task: '' })
  })

  test('traceloop.entity.name is a tool on tool spans only', () => {
    expect(attributionOf({ 'traceloop.entity.name': 'x' }).tool).toBe('')
    const settlement = settleTrace([
      span({ id: 1, attributes: { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'search' } }),
      span({ id: 2, parent: 1, attributes: chat(1, 1) }),
    ])
    expect(callOf(settlement, 2).attribution.tool).toBe('search')
  })

  test('numeric ids are texts', () => {
    expect(attributionOf({ 'outlay.tenant.id': 42n }).tenant).toBe('42')
  })
})

describe('inheritance', () => {
  test('each missing field comes from the nearest ancestor that has it', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: { 'outlay.tenant.id': 'root', 'outlay.feature': 'root', 'outlay.task.id': 'root' } }),
      span({ id: 2, parent: 1, attributes: { 'outlay.feature': 'middle' } }),
      span({ id: 3, parent: 2, attributes: chat(1, 1, { 'outlay.task.id': 'leaf' }) }),
    ])
    expect(callOf(settlement, 3).attribution).toMatchObject({ tenant: 'root', feature: 'middle', task: 'leaf' })
  })

  test('siblings and children lend nothing', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      span({ id: 2, parent: 1, attributes: chat(1, 1) }),
      span({ id: 3, parent: 1, attributes: { 'outlay.tenant.id': 'sibling' } }),
      span({ id: 4, parent: 2, attributes: { 'outlay.tenant.id': 'child' } }),
    ])
    expect(callOf(settlement, 2).attribution.tenant).toBe('')
  })

  test('a root that arrives late with the tenant changes the call', () => {
    const leaf = span({ id: 2, parent: 1, attributes: chat(1, 1) })
    const root = span({ id: 1, attributes: { 'outlay.tenant.id': 'acme' } })
    expect(callOf(settleTrace([leaf]), 2).attribution.tenant).toBe('')
    expect(callOf(settleTrace([leaf, root]), 2).attribution.tenant).toBe('acme')
  })

  test('own names on the resource are the last resort', () => {
    const resource = { 'outlay.tenant.id': 'process' }
    expect(attributionOf({}, { resource }).tenant).toBe('process')
    const settlement = settleTrace([
      span({ id: 1, attributes: { 'outlay.tenant.id': 'request' } }),
      span({ id: 2, parent: 1, resource, attributes: chat(1, 1) }),
    ])
    expect(callOf(settlement, 2).attribution.tenant).toBe('request')
  })

  test('the service of a call is its own process, not that of a caller', () => {
    const settlement = settleTrace([
      span({ id: 1, resource: { 'service.name': 'web', 'deployment.environment': 'prod' } }),
      span({ id: 2, parent: 1, resource: { 'service.name': 'worker' }, attributes: chat(1, 1) }),
    ])
    expect(callOf(settlement, 2).attribution).toMatchObject({ service: 'worker', environment: 'prod' })
  })
})

test("the operator's map fills fields after our own names", () => {
  const options = { overrides: { attributionKeys: { tenant: ['litellm.team.id'] } } }
  expect(attributionOf({ 'litellm.team.id': 'team' }).tenant).toBe('')
  expect(attributionOf({ 'litellm.team.id': 'team' }, {}, options).tenant).toBe('team')
  expect(attributionOf({ 'litellm.team.id': 'team', 'outlay.tenant.id': 'own' }, {}, options).tenant).toBe('own')
})

describe('selectors and control', () => {
  test('the served tier comes before the requested one', () => {
    const tierOf = (attributes: Attributes): string =>
      callOf(settleTrace([span({ id: 1, attributes: chat(1, 1, attributes) })]), 1).selectors.serviceTier
    const requested = { 'openai.request.service_tier': 'priority' }
    expect(tierOf(requested)).toBe('priority')
    expect(tierOf({ ...requested, 'gen_ai.openai.response.service_tier': 'default' })).toBe('default')
  })

  test('provider names fold; an unknown one stays as it is; a framework is no provider', () => {
    const providerOf = (name: string): string =>
      callOf(settleTrace([span({ id: 1, attributes: chat(1, 1, { 'gen_ai.system': name }) })]), 1).selectors.provider
    expect(['OpenAI', 'openai.responses', 'google.vertex.chat', 'aws.bedrock', 'xai.chat'].map(providerOf)).toEqual([
      'openai',
      'openai',
      'gcp.vertex_ai',
      'aws.bedrock',
      'x_ai',
    ])
    expect(['Acme.LLM', 'langchain'].map(providerOf)).toEqual(['Acme.LLM', ''])
  })

  test('batch, region, API type, layers and what the guard decided', () => {
    const attributes = {
      'outlay.batch': true,
      'outlay.region': 'eu',
      'openai.api.type': 'responses',
      'outlay.layer.prompt_tokens': 5n,
      'outlay.layer.memory_tokens': 'x',
      'outlay.intended_model': 'gpt-5',
      'outlay.overage.pattern': 'soft_cap',
      'outlay.overage.action': 'degraded',
    }
    const call = callOf(settleTrace([span({ id: 1, attributes: chat(1, 1, attributes) })]), 1)
    expect(call.selectors).toMatchObject({ batch: true, region: 'eu', apiType: 'responses' })
    expect(call.layers).toEqual({ prompt: 5, tool: 0, memory: 0 })
    expect(call.control).toEqual({ intendedModel: 'gpt-5', overagePattern: 'soft_cap', overageAction: 'degraded' })
  })
})
