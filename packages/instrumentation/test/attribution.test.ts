/** Who a call is attributed to, and what happens when nobody says. */
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { assert as check, property, string } from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type Attribution,
  configureAttribution,
  currentAttribution,
  hashUserId,
  MissingAttributionError,
  withAttribution,
  withTask,
} from '#src/index.ts'
import { chatRequest, drain, messageRequest, startHarness, USER_KEY, WHO } from './harness.ts'

const later = (): Promise<void> => new Promise((resume) => setImmediate(resume))

test('attribution follows the call across awaits and timers', async () => {
  await using harness = await startHarness()
  await withAttribution(WHO, async () => {
    await later()
    await Promise.all([
      withAttribution({ tenant: 'one' }, async () => {
        await later()
        await harness.openai.chat.completions.create(chatRequest())
      }),
      withAttribution({ tenant: 'two' }, async () => {
        await later()
        await drain(await harness.anthropic.messages.create(messageRequest({ stream: true })))
      }),
    ])
    expect(currentAttribution().tenant).toBe('acme')
  })
  const seen = harness
    .spans()
    .map(({ attributes }) => [attributes['outlay.tenant.id'], attributes['outlay.feature']].join(' '))
  expect(seen.sort()).toEqual(['one inbox', 'two inbox'])
  expect(currentAttribution()).toEqual({})
})

test('every field reaches the span under its name', async () => {
  await using harness = await startHarness()
  const attribution: Attribution = {
    ...WHO,
    user: 'jane@example.com',
    route: 'small-first',
    session: 's-1',
    turn: 't-9',
    tier: 'pro',
    tool: 'search',
    agent: 'triage',
    promptVersion: 'v3',
    effort: 'high',
    outcome: 'accepted',
    attempt: 2,
    batch: true,
    region: 'eu',
    layers: { prompt: 10, tool: 20, memory: 30 },
    intendedModel: 'gpt-6.1-sol',
    overage: { pattern: 'soft_cap', action: 'degraded' },
  }
  await withAttribution(attribution, () => harness.openai.chat.completions.create(chatRequest()))
  expect(harness.attributes()).toMatchObject({
    'outlay.tenant.id': 'acme',
    'outlay.feature': 'inbox',
    'outlay.workload': 'chat',
    'user.id': hashUserId('jane@example.com', USER_KEY),
    'outlay.route': 'small-first',
    'session.id': 's-1',
    'outlay.turn.id': 't-9',
    'outlay.tier': 'pro',
    'gen_ai.tool.name': 'search',
    'gen_ai.agent.name': 'triage',
    'gen_ai.prompt.version': 'v3',
    'gen_ai.request.reasoning.level': 'high',
    'outlay.outcome': 'accepted',
    'outlay.attempt': 2,
    'outlay.batch': true,
    'outlay.region': 'eu',
    'outlay.layer.prompt_tokens': 10,
    'outlay.layer.tool_tokens': 20,
    'outlay.layer.memory_tokens': 30,
    'outlay.intended_model': 'gpt-6.1-sol',
    'outlay.overage.pattern': 'soft_cap',
    'outlay.overage.action': 'degraded',
  })
})

describe('a task', () => {
  test('gives its calls one id, the feature as its type, and its outer task as parent', async () => {
    await using harness = await startHarness()
    const call = () => harness.openai.chat.completions.create(chatRequest())
    await withAttribution(WHO, () =>
      withTask({}, async () => {
        await call()
        await call()
        await withTask({ type: 'lookup', workload: 'rag' }, call)
      }),
    )
    const [first, second, inner] = harness.spans().map(({ attributes }) => attributes)
    expect(first?.['outlay.task.id']).toMatch(/^task_[0-9a-f]{24}$/)
    expect(second?.['outlay.task.id']).toBe(first?.['outlay.task.id'])
    expect(first).toMatchObject({ 'outlay.task.type': 'inbox' })
    expect(first?.['outlay.parent_task.id']).toBeUndefined()
    expect(inner).toMatchObject({
      'outlay.task.type': 'lookup',
      'outlay.workload': 'rag',
      'outlay.parent_task.id': first?.['outlay.task.id'],
    })
    expect(inner?.['outlay.task.id']).not.toBe(first?.['outlay.task.id'])
  })

  test('may have an id of the app’s own and returns what the function returns', async () => {
    await using _ = await startHarness()
    const seen = withAttribution(WHO, () => withTask({ type: 'a', id: 'order-7' }, () => currentAttribution()))
    expect(seen).toMatchObject({ task: 'order-7', taskType: 'a', tenant: 'acme' })
  })

  test('inside another does not inherit its type', async () => {
    await using _ = await startHarness()
    const seen = withTask({ type: 'outer' }, () => withTask({}, () => currentAttribution()))
    expect(seen.taskType).toBeUndefined()
  })
})

describe('a call without required attribution', () => {
  test('is refused with the missing fields and the place to set them, and nothing is sent', async () => {
    await using harness = await startHarness()
    const { openai, anthropic } = harness
    const calls: (() => unknown)[] = [
      () => openai.chat.completions.create(chatRequest()),
      () => openai.chat.completions.create(chatRequest({ stream: true })),
      () => openai.chat.completions.create(chatRequest()).withResponse(),
      () => openai.chat.completions.create(chatRequest()).asResponse(),
      () => openai.chat.completions.parse(chatRequest()),
      () => openai.responses.create({ model: 'gpt-5', input: 'x' }),
      () => openai.embeddings.create({ model: 'm', input: 'x' }),
      () => anthropic.messages.create(messageRequest()),
      () => anthropic.beta.messages.create(messageRequest()),
      async () => anthropic.messages.stream(messageRequest()),
      async () => openai.chat.completions.stream(chatRequest()),
      async () => openai.responses.stream({ model: 'gpt-5', input: 'x' }),
    ]
    for (const call of calls) {
      await expect(withAttribution({ feature: 'inbox' }, call)).rejects.toMatchObject({
        name: 'MissingAttributionError',
        code: 'E_ATTRIBUTION_MISSING',
        fields: ['tenant', 'workload'],
        message: expect.stringMatching(/tenant, workload.*withAttribution\(\{ tenant, workload \}/),
      })
    }
    expect(harness.stub.requests).toEqual([])
    expect(harness.spans()).toEqual([])
  })

  test('is a rejected promise and not a throw, so that catch sees it', async () => {
    await using harness = await startHarness()
    const caught = await harness.openai.chat.completions.create(chatRequest()).catch((error: unknown) => error)
    expect(caught).toBeInstanceOf(MissingAttributionError)
  })

  test('goes through in quarantine, and its span lacks the fields', async () => {
    await using harness = await startHarness({ policy: { onMissing: 'quarantine' } })
    await withAttribution({ feature: 'inbox' }, () => harness.openai.chat.completions.create(chatRequest()))
    expect(harness.attributes()).toMatchObject({ 'outlay.feature': 'inbox', 'outlay.usage.status': 'reported' })
    expect(harness.attributes()['outlay.tenant.id']).toBeUndefined()
  })

  test('is warned about once per place under warn', async () => {
    await using harness = await startHarness({ policy: { onMissing: 'warn' } })
    const warnings: string[] = []
    const log = (text: string): void => void warnings.push(text)
    const logger: DiagLogger = { error: log, warn: log, info: log, debug: log, verbose: log }
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
    for (let turn = 0; turn < 3; turn += 1) await harness.openai.chat.completions.create(chatRequest())
    await harness.anthropic.messages.create(messageRequest())
    diag.disable()
    const ours = warnings.filter((text) => text.includes('without tenant, feature, workload'))
    expect(ours).toHaveLength(2)
    expect(ours[0]).toContain('attribution.test.ts')
    expect(harness.spans()).toHaveLength(4)
  })

  test('may also be one without a task or a user', async () => {
    await using harness = await startHarness({ policy: { require: ['tenant', 'user', 'task'] } })
    const call = () => harness.openai.chat.completions.create(chatRequest())
    await expect(withAttribution({ tenant: 'acme' }, call)).rejects.toMatchObject({ fields: ['user', 'task'] })
    await withAttribution({ tenant: 'acme', subject: 'account' }, () => withTask({ type: 'nightly' }, call))
    expect(harness.attributes()).toMatchObject({ 'outlay.subject': 'account' })
  })
})

describe('a user', () => {
  test('leaves as a keyed hash, the same for the same key', async () => {
    await using harness = await startHarness()
    await withAttribution({ ...WHO, user: 'jane@example.com' }, () =>
      harness.openai.chat.completions.create(chatRequest()),
    )
    const id = String(harness.attributes()['user.id'])
    expect(id).toMatch(/^h_[0-9a-f]{64}$/)
    expect(id).toBe(hashUserId('jane@example.com', USER_KEY))
    expect(id).not.toBe(hashUserId('jane@example.com', 'another key'))
    expect(JSON.stringify(harness.spans()[0]?.attributes)).not.toContain('jane')
  })

  test('without a key is refused, never sent raw', async () => {
    await using harness = await startHarness()
    configureAttribution({ onMissing: 'quarantine' })
    expect(() => withAttribution({ user: 'jane' }, () => 1)).toThrow(/userKey/)
    expect(harness.stub.requests).toEqual([])
  })

  test('leaves raw only when that is asked for by name', async () => {
    await using harness = await startHarness({ policy: { unsafeRawUserIds: true } })
    await withAttribution({ ...WHO, user: 'u-1' }, () => harness.openai.chat.completions.create(chatRequest()))
    expect(harness.attributes()['user.id']).toBe('u-1')
  })

  test('is dropped by an account scope and back in a user scope', async () => {
    await using _ = await startHarness()
    withAttribution({ user: 'a' }, () =>
      withAttribution({ subject: 'account' }, () => {
        expect(currentAttribution()).toEqual({ subject: 'account' })
        withAttribution({ user: 'b' }, () => expect(currentAttribution()).toEqual({ user: hashUserId('b', USER_KEY) }))
      }),
    )
  })

  test('hashed before is not hashed again', async () => {
    await using _ = await startHarness()
    check(
      property(string({ minLength: 1, maxLength: 40 }), (user) => {
        const once = withAttribution({ user }, () => currentAttribution().user)
        expect(once).toBe(hashUserId(user, USER_KEY))
        expect(withAttribution({ user: once }, () => currentAttribution().user)).toBe(once)
      }),
    )
  })
})

describe('a value', () => {
  const merge = (attribution: unknown) => withAttribution(attribution as Attribution, () => currentAttribution())

  test.each([
    ['empty text', { tenant: '' }],
    ['a number', { tenant: 5 }],
    ['129 bytes', { tenant: 'x'.repeat(129) }],
    ['129 bytes of UTF-8 in 43 letters', { tenant: 'é'.repeat(64) + 'x' }],
    ['an unknown workload', { workload: 'batch' }],
    ['an unknown field', { tennant: 'acme' }],
    ['attempt 0', { attempt: 0 }],
    ['half a token', { layers: { prompt: 0.5 } }],
    ['an unknown overage', { overage: { pattern: 'none', action: 'none' } }],
  ])('that is %s is refused without being quoted', async (_, attribution) => {
    await using _harness = await startHarness()
    expect(() => merge(attribution)).toThrow(expect.objectContaining({ code: 'E_ATTRIBUTION_VALUE' }))
  })

  test('of 128 bytes is taken, undefined keeps the outer one, and text is brought to NFC', async () => {
    await using _ = await startHarness()
    expect(merge({ tenant: 'é'.repeat(64) }).tenant).toHaveLength(64)
    expect(withAttribution({ tenant: 'a' }, () => merge({ tenant: undefined })).tenant).toBe('a')
    expect(merge({ tenant: 'e\u0301' }).tenant).toBe('\u00e9')
  })

  test('of the wrong form leaves the scope out under quarantine', async () => {
    await using _ = await startHarness({ policy: { onMissing: 'quarantine' } })
    expect(withAttribution({ tenant: '' }, () => currentAttribution())).toEqual({})
  })
})

test('withAttribution and withTask keep the type of what the function returns', () => {
  expectTypeOf(withAttribution({}, () => 5)).toEqualTypeOf<number>()
  expectTypeOf(withTask({}, async () => 'x')).toEqualTypeOf<Promise<string>>()
})
