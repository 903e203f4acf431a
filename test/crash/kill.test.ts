/** F1, F2: kill -9. `OUTLAY_KILLS=200 npx vitest run test/crash/kill --testTimeout 3600000` kills more often, on one log. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { inspectLog } from '@outlay/collector'
import { addBandEdge, readRulesFollowed } from '@outlay/clickhouse'
import { RULES_VERSION } from '@outlay/semconv'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readStored, spanIdOf, targetsThatDiffer } from '../harness/conservation.ts'
import { readEntries } from '../harness/cut-calls.ts'
import { openDatabaseGate } from '../harness/database-gate.ts'
import { startKillableCollector } from '../harness/killable-collector.ts'
import { otlpRequest, ownCall, sendRequest, shapedCall } from '../harness/otlp-spans.ts'
import { QUICK } from '../harness/quick-settlement.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { KILL_POINTS, type KillPoint } from './kill-point-names.ts'

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 4 })
})
afterAll(() => ledger.close())

/** Identity of the only log of a ledger. */
const logOf = async (database: string): Promise<string> => (await readEntries(ledger, database))[0]?.wal_id ?? ''

/** Left to the long run: each is a moment after one that is not. */
const LESS_TOLD: ReadonlySet<KillPoint> = new Set([
  'cursor|unseal',
  'ledger seal|insert',
  'ledger answer|unseal',
  'settled|cursor',
])
const POINTS = KILL_POINTS.filter((point) => process.env['OUTLAY_KILLS'] !== undefined || !LESS_TOLD.has(point))
/** A start of a process per point: half a minute, and more on a machine that does other things. */
const MANY_STARTS_MS = 240_000
const ROUNDS = Number(process.env['OUTLAY_KILLS'] ?? 6)
/** A kill comes after 1 to so many acks. */
const ACKS_MAX = 53
const MOVED = [1, 2, 3]
/** A unit waits so long for more records: the ack of the last one has left by then. */
const ACK_LEAVES_MS = 150

/** What a kill leaves behind of one request: this is how the test knows that it hit the point it names. */
const LEFT_BY: Readonly<Record<KillPoint, object>> = {
  'append|fsync': { isAcked: false, sealed: [], inSpans: false, inCalls: false },
  'fsync|ack': { isAcked: false, sealed: [], inSpans: false, inCalls: false },
  'ack|seal': { isAcked: true, sealed: [], inSpans: false, inCalls: false },
  'seal|insert': { isAcked: true, sealed: ['evidence.unit'], inSpans: false, inCalls: false },
  'insert|answer': { isAcked: true, sealed: ['evidence.unit'], inSpans: true, inCalls: false },
  'answer|cursor': { isAcked: true, sealed: ['evidence.unit'], inSpans: true, inCalls: false },
  'cursor|unseal': { isAcked: true, sealed: ['evidence.unit'], inSpans: true, inCalls: false },
  'cursor|delete': { isAcked: true, sealed: ['evidence.unit'], inSpans: true, inCalls: false },
  'evaluate|seal': { isAcked: true, sealed: [], inSpans: true, inCalls: false },
  'ledger seal|insert': { isAcked: true, sealed: ['ledger.unit'], inSpans: true, inCalls: false },
  'ledger insert|answer': { isAcked: true, sealed: ['ledger.unit'], inSpans: true, inCalls: true },
  'ledger answer|unseal': { isAcked: true, sealed: ['ledger.unit'], inSpans: true, inCalls: true },
  'settled|cursor': { isAcked: true, sealed: [], inSpans: true, inCalls: true },
}
const POLL = { timeout: 30_000, interval: 100 }

/** Units and cursors that have something left to do. */
const waitingIn = async (walDirectory: string): Promise<unknown> => {
  const log = await inspectLog(walDirectory)
  const behind = ['evidence', 'settlement'].filter((consumer) => log?.cursors.get(consumer) !== log?.lastLsn)
  return { sealed: log?.sealedUnits, behind }
}

/** Each acked span once in `spans` and with net sign 1 in `calls`; what was not acked at most once. */
const expectConserved = async (database: string, acked: readonly number[], sent: readonly number[]): Promise<void> => {
  await expect
    .poll(async () => {
      const { spans, calls } = await readStored(ledger, database)
      const missing = acked.filter((span) => spans.get(spanIdOf(span)) !== 1 || calls.get(spanIdOf(span)) !== 1)
      const unsettled = [...spans.keys()].filter((id) => calls.get(id) !== 1)
      const differ = await targetsThatDiffer(ledger, database)
      return { missing: missing.length, unsettled: unsettled.length, differ }
    }, POLL)
    .toEqual({ missing: 0, unsettled: 0, differ: [] })
  const { spans, calls } = await readStored(ledger, database)
  const known = new Set(sent.map(spanIdOf))
  expect([...spans].filter(([id, count]) => count !== 1 || !known.has(id))).toEqual([])
  expect([...calls].filter(([id, net]) => net !== 1 || !known.has(id))).toEqual([])
}

describe('a collector that is killed', () => {
  test('after an insert whose answer was lost sends the same bytes again and counts once', async () => {
    const database = await ledger.createDatabase()
    using directory = tempDir()
    const gate = await openDatabaseGate(ledger.engine.url, 'loses_answers')
    const placement = { database, walDirectory: `${directory.path}/wal`, databaseUrl: gate.url }
    const first = await startKillableCollector(ledger, placement)
    expect(await sendRequest(first.url, otlpRequest([1, 2, 3].map((n) => ownCall(n, n))))).toBe(true)
    await expect.poll(async () => (await readStored(ledger, database)).spans.size, POLL).toBe(3)
    // Its own retry is lost as well.
    await gate.lost(gate.lostAnswers + 1)
    await first.kill()

    gate.mode = 'open'
    const second = await startKillableCollector(ledger, placement)
    await expectConserved(database, [1, 2, 3], [1, 2, 3])
    expect(await second.stop()).toBe(0)
    await gate.close()
  })

  test(
    'at every named point, one after the other on one log, loses nothing and counts nothing twice',
    async () => {
      const database = await ledger.createDatabase(['openai'])
      using directory = tempDir()
      const walDirectory = `${directory.path}/wal`
      const armed = `${directory.path}/armed`
      const placement = {
        database,
        walDirectory,
        databaseUrl: ledger.engine.url,
        settling: { ...QUICK, unitAgeMs: ACK_LEAVES_MS },
        wal: { retainAfterAckMs: 0 },
        execArgv: ['--import', `${new URL('kill-points.ts', import.meta.url).href}?armed=${armed}`],
      }
      const acked: number[] = []
      const sent: number[] = []
      let collector = await startKillableCollector(ledger, placement)
      for (const [round, point] of POINTS.entries()) {
        const spans = [1, 2, 3].map((n) => round * 10 + n)
        const [first = 0] = spans
        writeFileSync(armed, point)
        const isAcked = await sendRequest(collector.url, otlpRequest(spans.map((span) => ownCall(first, span))))
        sent.push(...spans)
        if (isAcked) acked.push(...spans)
        expect({ point, end: await collector.ended() }).toEqual({ point, end: 'SIGKILL' })
        const { spans: stored, calls } = await readStored(ledger, database)
        const sealed = readdirSync(`${walDirectory}/sealed`).map((name) => name.replace(/-.*(\.\w+)$/, '$1'))
        const left = { isAcked, sealed, inSpans: stored.has(spanIdOf(first)), inCalls: calls.has(spanIdOf(first)) }
        expect({ point, ...left }).toEqual({ point, ...LEFT_BY[point] })
        rmSync(armed)
        collector = await startKillableCollector(ledger, placement)
        await expectConserved(database, acked, sent)
        await expect.poll(() => waitingIn(walDirectory), POLL).toEqual({ sealed: 0, behind: [] })
      }
      expect(await collector.stop()).toBe(0)
    },
    MANY_STARTS_MS,
  )

  test('at arbitrary moments under load keeps every acked span, each once', async () => {
    const database = await ledger.createDatabase()
    using directory = tempDir()
    const placement = { database, walDirectory: `${directory.path}/wal`, databaseUrl: ledger.engine.url }
    const acked: number[] = []
    const sent: number[] = []
    let next = 0
    for (let round = 1; round <= ROUNDS; round += 1) {
      const collector = await startKillableCollector(ledger, placement)
      // The kill comes in the middle of whatever the collector does after this many acks.
      const killAfter = 1 + ((round * 17) % ACKS_MAX)
      let acks = 0
      let killed: Promise<void> | undefined
      const sender = async (): Promise<void> => {
        while (killed === undefined) {
          next += 1
          const span = next
          sent.push(span)
          if (!(await sendRequest(collector.url, otlpRequest([ownCall(span, span)])))) continue
          acked.push(span)
          acks += 1
          if (acks === killAfter) killed = collector.kill()
        }
      }
      await Promise.all([sender(), sender(), sender()])
      await killed
    }
    const last = await startKillableCollector(ledger, placement)
    await expectConserved(database, acked, sent)
    expect(await last.stop()).toBe(0)
    expect(acked.length).toBeGreaterThan(ROUNDS)
  })

  test('while it moves calls behind a new edge moves each of them once', async () => {
    const database = await ledger.createDatabase()
    using directory = tempDir()
    const gate = await openDatabaseGate(ledger.engine.url, 'open')
    const placement = { database, walDirectory: `${directory.path}/wal`, databaseUrl: gate.url }
    const first = await startKillableCollector(ledger, placement)
    const spans = MOVED.map((n) =>
      shapedCall(n, { tenant: 'acme', at: '2026-10-05T10:00:00Z', inputTokens: 150_000 + n }),
    )
    expect(await sendRequest(first.url, otlpRequest(spans))).toBe(true)
    await expect.poll(async () => (await readEntries(ledger, database)).length, POLL).toBe(MOVED.length)

    // Nothing but the move is left to do: the rules are followed, and the units before are answered for.
    await expect
      .poll(async () => readRulesFollowed({ client: ledger.client, database }, await logOf(database)), POLL)
      .toBe(RULES_VERSION)
    const next = shapedCall(5, { tenant: 'acme', at: '2026-09-05T10:00:00Z', inputTokens: 1 })
    expect(await sendRequest(first.url, otlpRequest([next]))).toBe(true)
    await expect.poll(async () => (await readEntries(ledger, database)).length, POLL).toBe(MOVED.length + 1)
    await expect.poll(() => readdirSync(`${placement.walDirectory}/sealed`), POLL).toEqual([])
    // From here on inserts reach the database and the collector never hears of it.
    gate.mode = 'loses_answers'
    await addBandEdge(ledger.client, database, ledger.book, {
      tokens: 150_000,
      activeFrom: 0,
      author: 'test',
      reason: 'test',
      atMs: Date.now(),
    })
    const moved = async () => (await readEntries(ledger, database)).filter(({ reason }) => reason === 'refold').length
    await expect.poll(moved, POLL).toBe(2 * MOVED.length)
    await first.kill()

    gate.mode = 'open'
    const second = await startKillableCollector(ledger, placement)
    const late = shapedCall(4, { tenant: 'acme', at: '2026-10-05T10:00:00Z', inputTokens: 150_001 })
    expect(await sendRequest(second.url, otlpRequest([late]))).toBe(true)
    await expect
      .poll(async () => [...(await readStored(ledger, database)).calls.values()], POLL)
      .toEqual(Array(MOVED.length + 2).fill(1))
    expect(await second.stop()).toBe(0)
    const entries = await readEntries(ledger, database)
    expect(entries.filter(({ reason }) => reason === 'refold')).toHaveLength(2 * MOVED.length)
    expect(new Set(entries.map(({ entry_id }) => entry_id)).size).toBe(entries.length)
    const bands = entries.filter(({ seq, span_id }) => seq === 2 || span_id.endsWith('4')).map((row) => row.prompt_band)
    expect(new Set(bands)).toEqual(new Set([ledger.book.bandEdges.length]))
    await expect.poll(() => targetsThatDiffer(ledger, database), POLL).toEqual([])
    await gate.close()
  })
})
