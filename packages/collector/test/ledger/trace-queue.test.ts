import { describe, expect, test } from 'vitest'
import { TraceQueue } from '../../src/ledger/trace-queue.ts'

const SETTINGS = { quietPeriodMs: 60, quietPeriodOwnDialectMs: 2, openMsMax: 600, showEveryMs: 5, tracesMax: 2 }
const trace = (id: string, ownDialect = false, firstLsn = 1n) => ({
  authority: 'local',
  traceId: id,
  ownDialect,
  firstLsn,
})
const idsOf = (traces: readonly { readonly traceId: string }[]): string[] => traces.map(({ traceId }) => traceId)

describe('a trace that waits', () => {
  test('is due when it was quiet for its period, which each arrival starts anew', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a'), 0)
    queue.touch(trace('a', false, 7n), 50)
    expect(idsOf(queue.take(109, 9))).toEqual([])
    const [due] = queue.take(110, 9)
    expect(due).toMatchObject({ traceId: 'a', openedAtMs: 0, firstLsn: 1n, shown: false })
    expect(queue.size).toBe(0)
  })

  test('does not stay open for longer than it may, however much arrives', () => {
    const queue = new TraceQueue(SETTINGS)
    for (let now = 0; now < 600; now += 30) queue.touch(trace('a'), now)
    expect(idsOf(queue.take(599, 9))).toEqual([])
    expect(idsOf(queue.take(600, 9))).toEqual(['a'])
  })

  test('waits for the longer period as soon as one span speaks another dialect', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a', true), 0)
    queue.touch(trace('b', true), 0)
    queue.touch(trace('b', false), 1)
    queue.touch(trace('b', true), 1)
    expect(idsOf(queue.take(2, 9))).toEqual(['a'])
    expect(queue.nextDueIn(10)).toBe(0)
    expect(idsOf(queue.take(61, 9))).toEqual(['b'])
  })
})

describe('a trace that waits for long', () => {
  test('is shown, and again only where it grew', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a'), 0)
    expect(queue.nextDueIn(0)).toBe(5)
    expect(idsOf(queue.toShow(4, 9))).toEqual([])
    expect(idsOf(queue.toShow(5, 9))).toEqual(['a'])
    queue.wereShown([trace('a')], 5)
    expect(idsOf(queue.toShow(50, 9))).toEqual([])
    queue.touch(trace('a'), 50)
    queue.touch(trace('a'), 53)
    expect(idsOf(queue.toShow(54, 9))).toEqual([])
    expect(idsOf(queue.toShow(55, 9))).toEqual(['a'])
  })

  test('is shown again when something arrives while it is being shown', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a'), 0)
    queue.toShow(5, 9)
    queue.touch(trace('a'), 6)
    queue.wereShown([trace('a')], 5)
    expect(idsOf(queue.toShow(10, 9))).toEqual(['a'])
  })

  test('that could not be shown is not tried again at once', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a'), 0)
    expect(idsOf(queue.toShow(5, 9))).toEqual(['a'])
    expect(idsOf(queue.toShow(9, 9))).toEqual([])
    expect(idsOf(queue.toShow(10, 9))).toEqual(['a'])
  })

  test('says so when it is settled, also where an earlier run may have shown it', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a'), 0)
    queue.touch(trace('b'), 0, { shown: true })
    queue.toShow(5, 1)
    queue.wereShown([trace('a')], 5)
    queue.touch(trace('c'), 5)
    expect(queue.take(65, 9).map(({ traceId, shown }) => [traceId, shown])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ])
  })
})

describe('a trace with evidence on its way', () => {
  test('is not handed out until all of it is there, though it is due, and holds nobody awake', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.expect(trace('new'))
    expect([queue.has(trace('new')), queue.has(trace('other')), queue.size]).toEqual([true, false, 0])
    queue.touch(trace('a'), 0)
    queue.expect(trace('a'))
    queue.expect(trace('a'))
    expect([idsOf(queue.take(60, 9)), queue.nextDueIn(60)]).toEqual([[], undefined])
    queue.touch(trace('a'), 60)
    expect(idsOf(queue.take(120, 9))).toEqual([])
    queue.touch(trace('a'), 60)
    expect(idsOf(queue.take(120, 9))).toEqual(['a'])
    expect(queue.has(trace('a'))).toBe(false)
  })
})

describe('traces that are taken together', () => {
  test('are as many as their spans allow, and one at least', () => {
    const queue = new TraceQueue(SETTINGS)
    for (const id of ['a', 'b', 'c']) queue.touch({ ...trace(id), spans: 4 }, 0)
    queue.touch({ ...trace('b'), spans: 2 }, 0)
    expect([8, 1, 99].map((spansMax) => idsOf(queue.take(60, 9, spansMax)))).toEqual([['a', 'c'], ['b'], []])
  })
})

describe('room for traces', () => {
  test('is there below the most that may wait, and again when a turn has come', async () => {
    const queue = new TraceQueue(SETTINGS)
    const { signal } = new AbortController()
    queue.touch(trace('a'), 0)
    await queue.untilRoom(signal)
    queue.touch(trace('b'), 10)
    let isWaiting = true
    const room = queue.untilRoom(signal).then(() => (isWaiting = false))
    expect(queue.take(50, 9)).toEqual([])
    await Promise.resolve()
    expect(isWaiting).toBe(true)
    expect(idsOf(queue.take(60, 9))).toEqual(['a'])
    await room
  })

  test('is not waited for by a collector that stops', async () => {
    const queue = new TraceQueue(SETTINGS)
    const stop = new AbortController()
    for (const id of ['a', 'b']) queue.touch(trace(id), 0)
    const room = [queue.untilRoom(stop.signal), queue.untilRoom(stop.signal)]
    stop.abort()
    await Promise.all(room)
    await queue.untilRoom(stop.signal)
    expect(queue.size).toBe(2)
  })
})

describe('a turn that is put off', () => {
  test('comes again when the wait is over, and says that it was put off', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a', false, 3n), 0)
    const [due] = queue.take(60, 9)
    if (due === undefined) throw new Error('it was due')
    expect(due.turn).toBe('first')
    queue.defer(due, 60, 100)
    expect(queue.oldestLsn()).toBe(3n)
    expect(queue.take(159, 9)).toEqual([])
    expect(queue.take(160, 9)).toMatchObject([{ traceId: 'a', openedAtMs: 0, firstLsn: 3n, turn: 'deferred' }])
  })

  test('is that of a quiet period again where evidence arrives', () => {
    const queue = new TraceQueue(SETTINGS)
    queue.touch(trace('a', false, 3n), 0)
    const [due] = queue.take(60, 9)
    if (due === undefined) throw new Error('it was due')
    queue.touch(trace('a', false, 8n), 70)
    queue.defer(due, 75, 1_000)
    expect(queue.take(130, 9)).toMatchObject([{ firstLsn: 3n, openedAtMs: 0, turn: 'first' }])
    queue.defer(due, 130, 100)
    queue.touch(trace('a', false, 9n), 140)
    expect(queue.take(200, 9)).toMatchObject([{ firstLsn: 3n, turn: 'first' }])
  })
})
