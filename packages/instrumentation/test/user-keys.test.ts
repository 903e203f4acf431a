/** Rotation of the key that user ids are hashed with: nobody has two ids within one month (decision 19). */
import { array, assert as check, constantFrom, property, record, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordBatchResult, startBatch } from '#src/batches.ts'
import {
  captureAttribution,
  configureAttribution,
  currentAttribution,
  type DatedUserKey,
  hashUserId,
  runWithAttribution,
  withAttribution,
} from '#src/index.ts'
import { stripSpan } from '#src/export/strip-span.ts'
import { chatRequest, startHarness, WHO } from './harness.ts'

const JANUARY = Date.UTC(2027, 0, 31, 23, 59, 59, 999)
const FEBRUARY = Date.UTC(2027, 1, 1)
const KEYS: readonly DatedUserKey[] = [{ secret: 'old' }, { secret: 'new', from: '2027-02' }]
const OLD = hashUserId('ann', 'old')
const NEW = hashUserId('ann', 'new')

const startAt = async (nowMs: number, userKey = KEYS) => {
  const clock = { nowMs, now: () => clock.nowMs }
  const carrierKeys = [{ id: 'k', secret: 's' }]
  const harness = await startHarness({ policy: { userKey, clock, carrierKeys } })
  return { clock, harness, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() }
}
const asAnn = <Result>(fn: () => Result): Result => withAttribution({ ...WHO, user: 'ann' }, fn)

describe('the new key holds from the first instant of its month on', () => {
  test('for scopes that are opened', async () => {
    await using run = await startAt(JANUARY)
    expect(asAnn(currentAttribution)).toMatchObject({ user: OLD })
    run.clock.nowMs = FEBRUARY
    expect(asAnn(currentAttribution)).toMatchObject({ user: NEW })
    expect(asAnn(currentAttribution)).not.toHaveProperty('nextUser')
  })

  test('for calls of a scope that was opened before', async () => {
    await using run = await startAt(JANUARY)
    const call = () => run.harness.openai.chat.completions.create(chatRequest())
    await asAnn(async () => {
      await call()
      run.clock.nowMs = FEBRUARY
      await withAttribution({ session: 's' }, call)
    })
    expect(run.harness.spans().map(({ attributes }) => attributes['user.id'])).toEqual([OLD, NEW])
  })

  test('for jobs that were queued before, and for batches', async () => {
    await using run = await startAt(JANUARY)
    const carrier = asAnn(() => captureAttribution({ clock: run.clock }))
    const batch = startBatch({ clock: run.clock })
    asAnn(() => batch.add('1'))
    const seen = () => runWithAttribution(carrier, currentAttribution, { clock: run.clock }).user
    expect(seen()).toBe(OLD)
    run.clock.nowMs = FEBRUARY
    expect(seen()).toBe(NEW)
    recordBatchResult(batch.attribution, { custom_id: '1' }, { provider: 'openai', model: 'gpt-5' })
    expect(run.harness.attributes()['user.id']).toBe(NEW)
  })

  test('for raw ids of other instrumentations, by the start of their spans', async () => {
    await using run = await startAt(FEBRUARY)
    const call = () => run.harness.openai.chat.completions.create(chatRequest())
    await withAttribution(WHO, call)
    const [span] = run.harness.spans()
    if (span === undefined) throw new Error('no span')
    const started = (ms: number) => ({ ...span, startTime: [ms / 1_000, 0] as [number, number] })
    const idOf = (ms: number) =>
      stripSpan({ ...started(ms), spanContext: () => span.spanContext(), attributes: { 'user.id': 'ann' } }).attributes[
        'user.id'
      ]
    expect(idOf(FEBRUARY - 1_000)).toBe(OLD)
    expect(idOf(FEBRUARY)).toBe(NEW)
  })
})

test('whatever is opened, queued and called when, a person has one id per month', async () => {
  await using run = await startAt(0, [
    { secret: 'a' },
    { secret: 'b', from: '2027-02' },
    { secret: 'c', from: '2027-03' },
  ])
  const days = constantFrom(...[1, 15, 28, 31, 32, 33, 45, 59, 60, 61, 75].map((day) => Date.UTC(2027, 0, day)))
  // A key is announced for at least as long as jobs wait: see the decision.
  const job = record({
    madeAt: days,
    waitMs: constantFrom(0, 1, 86_400_000, 20 * 86_400_000),
    queued: constantFrom(true, false),
  })
  check(
    property(array(tuple(constantFrom('ann', 'bob'), job), { minLength: 1, maxLength: 12 }), (jobs) => {
      const ids = new Map<string, Set<string | undefined>>()
      for (const [user, { madeAt, waitMs, queued }] of jobs) {
        run.clock.nowMs = madeAt
        const seen = withAttribution({ ...WHO, user }, () => {
          const carrier = captureAttribution({ clock: run.clock })
          run.clock.nowMs += waitMs
          return queued ? runWithAttribution(carrier, currentAttribution, { clock: run.clock }) : currentAttribution()
        })
        const month = `${user} ${new Date(run.clock.nowMs).toISOString().slice(0, 7)}`
        ids.set(month, (ids.get(month) ?? new Set()).add(seen.user))
      }
      expect([...ids.values()].filter(({ size }) => size !== 1)).toEqual([])
    }),
  )
})

test('a shared run within a person’s scope has no id of theirs, then or later', async () => {
  await using run = await startAt(JANUARY)
  asAnn(() =>
    withAttribution({ subject: 'account' }, () => {
      run.clock.nowMs = FEBRUARY
      expect(currentAttribution()).toEqual({ ...WHO, subject: 'account' })
    }),
  )
})

test.each([
  ['an empty secret', ''],
  ['an empty secret of a month', [{ secret: '', from: '2027-02' }]],
  ['a month of another form', [{ secret: 'a', from: '2027-13' }]],
  ['a day', [{ secret: 'a', from: '2027-02-01' }]],
  [
    'two keys of one month',
    [
      { secret: 'a', from: '2027-02' },
      { secret: 'b', from: '2027-02' },
    ],
  ],
  ['two keys without a month', [{ secret: 'a' }, { secret: 'b' }]],
])('%s is refused', (_, userKey) => {
  expect(() => configureAttribution({ userKey })).toThrow(expect.objectContaining({ code: 'E_USER_KEY' }))
})

test('a key that holds only from a month to come hashes nobody before', async () => {
  await using _ = await startAt(JANUARY, [{ secret: 'new', from: '2027-02' }])
  expect(() => asAnn(currentAttribution)).toThrow(/userKey/)
})
