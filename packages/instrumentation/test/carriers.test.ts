/** Attribution that goes through a queue: what arrives is what was captured, or nothing at all. */
import { context, trace } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { assert as check, constantFrom, integer, property, record, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Attribution,
  CarrierRefusedError,
  captureAttribution,
  carrierStats,
  configureAttribution,
  currentAttribution,
  hashUserId,
  runWithAttribution,
  withAttribution,
  withBranch,
  withTask,
} from '#src/index.ts'
import { chatRequest, startHarness, USER_KEY, WHO } from './harness.ts'

const NEW = { id: 'k2', secret: 'new secret' }
const OLD = { id: 'k1', secret: 'old secret' }
const SIGNED = { policy: { carrierKeys: [NEW] } }
const at = (nowMs: number) => ({ now: () => nowMs })
const captured = (attribution: Attribution = WHO, ...rest: Parameters<typeof captureAttribution>): string =>
  withAttribution(attribution, () => captureAttribution(...rest))

/** Why it was refused. */
const refusal = (carrier: string, ...rest: [options?: Parameters<typeof runWithAttribution>[2]]): string => {
  try {
    runWithAttribution(carrier, () => expect.unreachable(), ...rest)
  } catch (error) {
    expect(error).toBeInstanceOf(CarrierRefusedError)
    expect(error).toMatchObject({ code: 'E_CARRIER' })
    return (error as CarrierRefusedError).why
  }
  return expect.unreachable()
}

describe('a carrier', () => {
  test('brings attribution, task and trace to the worker, and the user as a hash', async () => {
    await using harness = await startHarness(SIGNED)
    const user = 'jane@example.com'
    const { carrier, traceId } = withAttribution({ ...WHO, user }, () =>
      withTask({ type: 'triage', id: 't-1' }, () => {
        const span = trace.getTracer('app').startSpan('request')
        const inside = trace.setSpan(context.active(), span)
        span.end()
        return { carrier: context.with(inside, () => captureAttribution()), traceId: span.spanContext().traceId }
      }),
    )
    expect(Buffer.from(carrier.split('.')[1] ?? '', 'base64url').toString()).not.toContain('jane')
    await runWithAttribution(carrier, () => harness.openai.chat.completions.create(chatRequest()), { attempt: 3 })
    const call = harness.spans().at(-1)
    expect(call?.spanContext().traceId).toBe(traceId)
    expect(call?.attributes).toMatchObject({
      'outlay.tenant.id': 'acme',
      'user.id': hashUserId(user, USER_KEY),
      'outlay.task.id': 't-1',
      'outlay.task.type': 'triage',
      'outlay.attempt': 3,
    })
  })

  test('replaces what the worker has of its own', async () => {
    await using _ = await startHarness(SIGNED)
    const carrier = captured({ ...WHO, subject: 'account' })
    const seen = withAttribution({ user: 'someone else', route: 'worker' }, () =>
      runWithAttribution(carrier, currentAttribution),
    )
    expect(seen).toEqual({ ...WHO, subject: 'account' })
  })

  test('gives back every attribution that was captured, whatever JSON does to its surroundings', async () => {
    await using _ = await startHarness(SIGNED)
    const text = string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((value) => value.normalize('NFC'))
    const fields = {
      tenant: text,
      feature: text,
      route: text,
      workload: constantFrom('chat', 'agent', 'rag'),
      attempt: integer({ min: 1, max: 99 }),
    }
    check(
      property(record(fields), (attribution) => {
        const job = JSON.parse(JSON.stringify({ carrier: captured(attribution) })) as { carrier: string }
        expect(runWithAttribution(job.carrier, currentAttribution)).toEqual(attribution)
      }),
    )
  })

  test('of which any letter was changed is refused and counted', async () => {
    await using _ = await startHarness(SIGNED)
    const carrier = captured()
    const before = carrierStats().refused.forged
    check(
      property(
        integer({ min: 0, max: carrier.length - 1 }),
        constantFrom('a', 'B', '3', '-', '_', '.'),
        (index, letter) => {
          if (carrier[index] === letter) return
          expect(refusal(carrier.slice(0, index) + letter + carrier.slice(index + 1))).not.toBe('')
        },
      ),
    )
    expect(carrierStats().refused.forged).toBeGreaterThan(before)
  })

  test('is refused without a signature, with one of an unknown key, and once it has expired', async () => {
    await using _ = await startHarness(SIGNED)
    const carrier = captured(WHO, { expiresInMs: 1_000, clock: at(5_000) })
    expect(runWithAttribution(carrier, () => 'ran', { clock: at(5_999) })).toBe('ran')
    expect(refusal(carrier, { clock: at(6_000) })).toBe('expired')
    expect(refusal(carrier.split('.').slice(0, 2).join('.'))).toBe('unsigned')
    configureAttribution({ carrierKeys: [OLD] })
    expect(refusal(carrier)).toBe('unknown_key')
    configureAttribution({ carrierKeys: [{ ...NEW, secret: 'guessed' }] })
    expect(refusal(carrier)).toBe('forged')
  })

  test('signed with the key before the last is accepted while that key is listed', async () => {
    await using _ = await startHarness({ policy: { carrierKeys: [OLD] } })
    const carrier = captured()
    configureAttribution({ carrierKeys: [NEW, OLD] })
    expect(runWithAttribution(carrier, currentAttribution)).toEqual(WHO)
    expect(captured()).toContain(`.${NEW.id}.`)
  })

  test('of another tenant is refused, whether the scope or the caller names the own one', async () => {
    await using _ = await startHarness(SIGNED)
    const carrier = captured()
    expect(withAttribution({ tenant: 'globex' }, () => refusal(carrier))).toBe('tenant')
    expect(refusal(carrier, { tenant: 'globex' })).toBe('tenant')
    expect(runWithAttribution(carrier, currentAttribution, { tenant: 'acme' })).toEqual(WHO)
  })

  test.each([
    ['nothing', '', 'malformed'],
    ['words', 'hello', 'malformed'],
    ['a later version', 'o2.e30', 'version'],
    ['no JSON', 'o1.AAAA', 'malformed'],
    ['another JSON', `o1.${Buffer.from('[1]').toString('base64url')}`, 'malformed'],
    ['a field that is unknown', `o1.${Buffer.from('{"a":{"tennant":"x"},"e":9e15}').toString('base64url')}`, 'value'],
    ['too much', `o1.${'A'.repeat(limits.instrumentation.carrierBytesMax)}`, 'too_large'],
  ])('that is %s is refused', async (_, carrier, why) => {
    await using _harness = await startHarness()
    expect(refusal(carrier)).toBe(why)
  })

  test('that would be larger than a header takes is not made', async () => {
    await using _ = await startHarness()
    const long = '\u0001'.repeat(limits.instrumentation.attributionValueBytesMax)
    const attribution = { tenant: long, feature: long, route: long, session: long, turn: long }
    expect(() => captured(attribution)).toThrow(expect.objectContaining({ code: 'E_CARRIER', why: 'too_large' }))
  })

  test('that is refused in quarantine leaves the calls unattributed, and the job runs', async () => {
    await using _ = await startHarness({ policy: { carrierKeys: [NEW], onMissing: 'quarantine' } })
    const before = carrierStats().refused.malformed
    expect(runWithAttribution('hello', currentAttribution)).toEqual({})
    expect(carrierStats().refused.malformed).toBe(before + 1)
  })

  test('is not needed for a job that was queued before there were any', async () => {
    await using _ = await startHarness()
    expect(runWithAttribution(undefined, currentAttribution, { attempt: 2 })).toEqual({ attempt: 2 })
  })
})

test.each([
  ['a name with a dot', [{ id: 'a.b', secret: 'x' }]],
  ['no secret', [{ id: 'a', secret: '' }]],
  ['a name twice', [OLD, OLD]],
])('a key with %s is refused', (_, carrierKeys) => {
  expect(() => configureAttribution({ carrierKeys })).toThrow(expect.objectContaining({ code: 'E_CARRIER_KEY' }))
})

describe('a branch', () => {
  test('is a task below the current one, with the same id at every attempt', async () => {
    await using _ = await startHarness()
    const branches = () =>
      withTask({ type: 'triage', id: 't-1' }, () => ['a', 'b'].map((key) => withBranch(key, currentAttribution)))
    expect(branches()).toEqual([
      { task: 't-1/a', taskType: 'triage', parentTask: 't-1' },
      { task: 't-1/b', taskType: 'triage', parentTask: 't-1' },
    ])
    expect(branches()).toEqual(branches())
  })

  test('of a task with a long id has a short one that is as stable', async () => {
    await using _ = await startHarness()
    const branch = () => withTask({ id: 'x'.repeat(127) }, () => withBranch(1, currentAttribution))
    expect(branch().task).toMatch(/^task_[0-9a-f]{24}$/)
    expect(branch()).toEqual(branch())
  })

  test('without a task is a task', async () => {
    await using _ = await startHarness()
    expect(withBranch(1, currentAttribution, { type: 'x' })).toEqual({
      task: expect.stringMatching(/^task_/),
      taskType: 'x',
    })
  })
})
