/** F1, F2: kill -9. `OUTLAY_KILLS=200 npx vitest run test/crash/kill --testTimeout 3600000` kills more often, on one log. */
import { readdirSync } from 'node:fs'
import { addBandEdge, readRulesFollowed } from '@outlay/clickhouse'
import { RULES_VERSION } from '@outlay/semconv'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readStored, spanIdOf, targetsThatDiffer } from '../harness/conservation.ts'
import { readEntries } from '../harness/cut-calls.ts'
import { openDatabaseGate } from '../harness/database-gate.ts'
import { startKillableCollector } from '../harness/killable-collector.ts'
import { otlpRequest, ownCall, sendRequest, shapedCall } from '../harness/otlp-spans.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 4 })
})
afterAll(() => ledger.close())

/** Identity of the only log of a ledger. */
const logOf = async (database: string): Promise<string> => (await readEntries(ledger, database))[0]?.wal_id ?? ''

const ROUNDS = Number(process.env['OUTLAY_KILLS'] ?? 6)
/** A kill comes after 1 to so many acks. */
const ACKS_MAX = 53
const MOVED = [1, 2, 3]
const POLL = { timeout: 30_000, interval: 100 }

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
  test('between ack and insert loses nothing and counts nothing twice', async () => {
    const database = await ledger.createDatabase()
    using directory = tempDir()
    const gate = await openDatabaseGate(ledger.engine.url, 'closed')
    const placement = { database, walDirectory: `${directory.path}/wal`, databaseUrl: gate.url }
    const first = await startKillableCollector(ledger, placement)
    const acked: number[] = []
    for (let n = 1; n <= 20; n += 1) {
      if (await sendRequest(first.url, otlpRequest([ownCall(n, n)]))) acked.push(n)
    }
    expect(acked).toHaveLength(20)
    await first.kill()
    expect((await readStored(ledger, database)).spans.size).toBe(0)

    gate.mode = 'open'
    const second = await startKillableCollector(ledger, placement)
    await expectConserved(database, acked, acked)
    expect(await second.stop()).toBe(0)
    // Starting once more finds nothing to do.
    const third = await startKillableCollector(ledger, placement)
    await expectConserved(database, acked, acked)
    expect(await third.stop()).toBe(0)
    await gate.close()
  })

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
