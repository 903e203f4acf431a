/** Shapes of spans that emitters for Java write, as `npm run test:emitters-java` recorded them. */
import { describe, expect, test } from 'vitest'
import { type Attributes, classifyAttributeKey, type SettledCall, settleTrace } from '@outlay/semconv'
import { callOf, chat, span } from './span-builder.ts'

const settle = (scope: string, attributes: Attributes): SettledCall =>
  callOf(settleTrace([span({ id: 1, scope, attributes })]), 1)

describe('Spring AI', () => {
  const SCOPE = 'org.springframework.boot'
  /** Micrometer writes texts only. */
  const observed = (rest: Attributes): Attributes => ({ 'gen_ai.operation.name': 'chat', ...rest })
  const claude = observed({
    'gen_ai.system': 'anthropic',
    'gen_ai.request.model': 'claude-sonnet-4-5',
    'gen_ai.response.model': 'claude-sonnet-4-5',
    'gen_ai.usage.cache_creation.input_tokens': '23324',
    'gen_ai.usage.cache_read.input_tokens': '10155',
    'gen_ai.usage.input_tokens': '40153',
    'gen_ai.usage.output_tokens': '1115',
    'gen_ai.usage.total_tokens': '41268',
  })

  test('counts caches of Claude beside the input, though its total leaves them out', () => {
    expect(settle(SCOPE, claude)).toMatchObject({
      ruleId: 'spring-ai@1',
      inclusion: 'exclusive',
      meters: { input: 40_153, cache_read: 10_155, cache_write_unknown: 23_324, output: 1_115 },
      flags: ['cache_ttl_unknown'],
    })
  })

  test('counts caches of OpenAI within the input', () => {
    const call = settle(
      SCOPE,
      observed({
        'gen_ai.system': 'openai',
        'gen_ai.usage.cache_read.input_tokens': '90119',
        'gen_ai.usage.input_tokens': '91036',
        'gen_ai.usage.output_tokens': '977',
        'gen_ai.usage.total_tokens': '92013',
      }),
    )
    expect(call).toMatchObject({ meters: { input: 917, cache_read: 90_119, output: 977 }, flags: [] })
  })

  test('calls the model of a failed call none, which is no model', () => {
    const failed = observed({
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.response.model': 'none',
    })
    expect(settle(SCOPE, failed)).toMatchObject({
      usageStatus: 'absent',
      selectors: { requestModel: 'gpt-5', responseModel: '' },
    })
  })

  test('names itself where no provider is asked: a framework, which bills nothing', () => {
    const call = settle(SCOPE, chat(10, 5, { 'gen_ai.system': 'spring_ai' }))
    expect(call.selectors.provider).toBe('')
  })

  test('names the conversation on the span of its client, for all calls below', () => {
    const client = {
      'gen_ai.operation.name': 'framework',
      'gen_ai.system': 'spring_ai',
      'spring.ai.chat.client.conversation.id': 'c-1',
    }
    const settlement = settleTrace([
      span({ id: 1, scope: SCOPE, name: 'spring_ai chat_client', attributes: client }),
      span({ id: 2, parent: 1, scope: SCOPE, attributes: claude }),
    ])
    expect(settlement.calls).toHaveLength(1)
    expect(callOf(settlement, 2).attribution.session).toBe('c-1')
  })

  test.each([
    'spring.ai.tool.call.arguments',
    'spring.ai.tool.call.result',
    'spring.ai.tool.definition.description',
    'spring.ai.tool.definition.schema',
    'db.vector.query.content',
    'db.vector.query.response.documents',
  ])('writes content under %s', (key) => {
    expect(classifyAttributeKey(key)).toBe('carrier')
  })
})

describe('the OpenTelemetry agent', () => {
  test('counts caches of the OpenAI SDK within the input: no guess', () => {
    const attributes = chat(91_036, 977, {
      'gen_ai.provider.name': 'openai',
      'gen_ai.usage.cache_read.input_tokens': 90_119n,
      'gen_ai.usage.reasoning.output_tokens': 0n,
    })
    expect(settle('io.opentelemetry.openai-java-1.1', attributes)).toMatchObject({
      ruleId: 'otel-140@3',
      meters: { input: 917, cache_read: 90_119, output: 977 },
      flags: [],
    })
  })

  const bedrock = (model: string, method: string): SettledCall =>
    settle(
      'io.opentelemetry.aws-sdk-2.2',
      chat(5, 7, { 'gen_ai.provider.name': 'aws.bedrock', 'gen_ai.request.model': model, 'rpc.method': method }),
    )

  test.each([
    ['cohere.command-r-plus-v1:0', 'InvokeModel', 'estimated'],
    ['mistral.mistral-large-2407-v1:0', 'InvokeModelWithResponseStream', 'estimated'],
    ['cohere.command-r-plus-v1:0', 'Converse', 'reported'],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'InvokeModel', 'reported'],
  ])('of %s by %s its counts are %s', (model, method, usageStatus) => {
    expect(bedrock(model, method)).toMatchObject({ ruleId: 'otel-java-aws@1', usageStatus, cacheSplit: 'unknown' })
  })
})
