/** The writer where the database refuses, forgets, or where the log has lost what it knew of the database. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, prepareDatabase } from '@outlay/clickhouse'
import { type CollectorEvent, startCollector } from '@outlay/collector'
import { systemClock } from '@outlay/core'
import { OWN_SCOPE_NAME } from '@outlay/semconv'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { breakRecord } from '../harness/break-record.ts'
import { readStored, spanIdOf, targetsThatDiffer } from '../harness/conservation.ts'
import { openDatabaseGate } from '../harness/database-gate.ts'
import { startKillableCollector } from '../harness/killable-collector.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { QUICK } from '../harness/quick-settlement.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
})
afterAll(() => ledger.close())

const FAR_AWAY_MS = 3_600_000
const POLL = { timeout: 60_000, interval: 50 }

/** A directory that outlives its collectors and ends with the test. */
const ownDirectory = (): TempDir => {
  const directory = tempDir()
  onTestFinished(() => directory.remove())
  return directory
}

const startOn = (directory: TempDir, settings: { readonly quietPeriodMs?: number } = {}): Promise<TestCollector> =>
  startTestCollector(ledger, database, { directory, ...settings })

const send = async ({ collector }: TestCollector, spans: readonly number[], versions: readonly string[] = []) => {
  const request = otlpRequest(spans.map((span) => ownCall(span, span))) as {
    resourceSpans: { scopeSpans: { scope: object; spans: object[] }[] }[]
  }
  const all = request.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
  if (versions.length > 0) {
    request.resourceSpans[0]!.scopeSpans = all.map((span, n) => ({
      scope: { name: OWN_SCOPE_NAME, version: versions[n] ?? '' },
      spans: [span],
    }))
  }
  expect(await sendRequest(collector.url, request)).toBe(true)
}

/** Times that each of some spans is stored, and its net sign in the ledger. */
const conserved = async (spans: readonly number[]): Promise<unknown> => {
  const stored = await readStored(ledger, database)
  const count = (of: ReadonlyMap<string, number>): number[] => spans.map((span) => of.get(spanIdOf(span)) ?? 0)
  return { spans: count(stored.spans), calls: count(stored.calls), differ: await targetsThatDiffer(ledger, database) }
}
const eachOnce = (spans: readonly number[]) => ({
  spans: spans.map(() => 1),
  calls: spans.map(() => 1),
  differ: [],
})

const quarantined = (directory: TempDir): Record<string, unknown>[] => {
  const place = `${directory.path}/wal/quarantine`
  return readdirSync(place)
    .filter((name) => name.endsWith('.reason.json'))
    .map((name) => {
      expect(existsSync(`${place}/${name.replace('.reason.json', '.bin')}`)).toBe(true)
      return JSON.parse(readFileSync(`${place}/${name}`, 'utf8')) as Record<string, unknown>
    })
}

const ofType = <Type extends CollectorEvent['type']>({ events }: TestCollector, type: Type) =>
  events.filter((event): event is Extract<CollectorEvent, { type: Type }> => event.type === type)

const command = (query: string) => ledger.client.command({ query })

describe('rows that the database refuses', () => {
  test('stand in quarantine alone, and every other row of their unit is stored once', async () => {
    const directory = ownDirectory()
    // The table takes numbers here; the versions of two scopes are none.
    await command(`ALTER TABLE ${database}.spans MODIFY COLUMN scope_version UInt32`)
    const running = await startOn(directory)
    const sent = [101, 102, 103, 104, 105, 106, 107]
    await send(running, sent, ['1', 'x', '3', '4', '5', 'y', '7'])
    const good = [101, 103, 104, 105, 107]
    await expect.poll(() => conserved(good), POLL).toEqual(eachOnce(good))
    await expect.poll(() => quarantined(directory).length, POLL).toBe(2)
    const reasons = quarantined(directory)
    expect(reasons.map(({ reason, table, rows, code }) => ({ reason, table, rows, code }))).toEqual(
      [102, 106].map(() => ({ reason: 'refused_row', table: 'spans', rows: 1, code: '6' })),
    )
    expect(reasons.map(({ place }) => (place as Record<string, string>)['span_id'])).toEqual([
      spanIdOf(102),
      spanIdOf(106),
    ])
    expect(ofType(running, 'row_quarantined')).toHaveLength(2)
    expect(await running.collector.metrics()).toMatch(/outlay_quarantined_total\{reason="refused_row"\} 2/)
    await running.close()
    await command(`ALTER TABLE ${database}.spans MODIFY COLUMN scope_version String`)

    // What was cut apart is finished: the next start sends nothing again.
    const next = await startOn(directory)
    await send(next, [108])
    await expect.poll(() => conserved([...good, 108]), POLL).toEqual(eachOnce([...good, 108]))
    expect((await readStored(ledger, database)).spans.has(spanIdOf(102))).toBe(false)
    await next.close()
  })
})

describe('a table without a deduplication window', () => {
  test('holds every insert, is named, and takes what waited once it has one', async () => {
    const directory = ownDirectory()
    const setting = 'non_replicated_deduplication_window'
    await command(`ALTER TABLE ${database}.user_counters MODIFY SETTING ${setting} = 0`)
    const running = await startOn(directory)
    await send(running, [201, 202])
    await expect
      .poll(() => ofType(running, 'windows_missing').map(({ tables }) => tables), POLL)
      .toEqual([`${database}.user_counters`])
    expect(await running.collector.metrics()).toMatch(/outlay_writer_held\{table="all"\} 1/)
    expect((await readStored(ledger, database)).spans.has(spanIdOf(201))).toBe(false)
    // A database that refuses is no reason to refuse senders.
    expect(running.collector.health()).toMatchObject({ healthy: true, ready: true })
    await command(`ALTER TABLE ${database}.user_counters MODIFY SETTING ${setting} = 10000`)
    await expect.poll(() => conserved([201, 202]), POLL).toEqual(eachOnce([201, 202]))
    await running.close()
  })
})

describe('a unit whose token the database has forgotten', () => {
  test('is not sent again where the table has it', async () => {
    const directory = ownDirectory()
    const gate = await openDatabaseGate(ledger.engine.url, 'loses_answers')
    const walDirectory = `${directory.path}/wal`
    const first = await startKillableCollector(ledger, { database, walDirectory, databaseUrl: gate.url })
    expect(await sendRequest(first.url, otlpRequest([ownCall(301, 301)]))).toBe(true)
    await expect.poll(async () => (await readStored(ledger, database)).spans.get(spanIdOf(301)), POLL).toBe(1)
    await first.kill()
    await gate.close()

    // Another writer pushes the token out of a window of two inserts.
    await command(`ALTER TABLE ${database}.spans MODIFY SETTING non_replicated_deduplication_window = 2`)
    for (const other of [1, 2, 3]) {
      await command(
        `INSERT INTO ${database}.spans (trace_id, span_id, received_at, wal_id, lsn) SETTINGS insert_deduplication_token = 'other-${other}' VALUES (unhex('${'e'.repeat(32)}'), unhex('${'e'.repeat(15)}${other}'), now64(9), 'other', ${other})`,
      )
    }
    const second = await startOn(directory)
    await expect.poll(() => conserved([301]), POLL).toEqual(eachOnce([301]))
    expect(ofType(second, 'unit_overdue').map(({ table }) => table)).toEqual(['spans'])
    await second.close()
    await command(`ALTER TABLE ${database}.spans MODIFY SETTING non_replicated_deduplication_window = 10000`)
    await command(`DELETE FROM ${database}.spans WHERE wal_id = 'other'`)
  })
})

describe('a database that is away when the collector starts', () => {
  test('is prepared once it answers; until then spans are taken, and then each is counted once', async () => {
    const directory = ownDirectory()
    const gate = await openDatabaseGate(ledger.engine.url, 'closed')
    const client = connect({ url: gate.url, ...ledger.engine.credentials.migrator, database: 'default' })
    const later = `${database}_later`
    const { book } = ledger
    const prepare = () => prepareDatabase({ client, target: { database: later }, book, clock: systemClock })
    const collector = await startCollector({
      client,
      database: later,
      prepare,
      walDirectory: `${directory.path}/wal`,
      book,
      http: { host: '127.0.0.1', port: 0 },
      ...QUICK,
    })
    expect(await sendRequest(collector.url, otlpRequest([ownCall(601, 601)]))).toBe(true)
    expect(collector.health()).toMatchObject({ healthy: true, ready: true })
    gate.mode = 'open'
    const settled = () => readStored(ledger, later).then(({ calls }) => calls.get(spanIdOf(601)))
    // Without its tables there is nothing to read yet.
    await expect.poll(() => settled().catch(() => 'away'), POLL).toBe(1)
    await expect.poll(() => targetsThatDiffer(ledger, later), POLL).toEqual([])
    await collector.close()
    await client.close()
    await gate.close()
  })
})

describe('an insert that hangs while the collector stops', () => {
  test('is given up after its time and finished by the next start', async () => {
    const directory = ownDirectory()
    const gate = await openDatabaseGate(ledger.engine.url, 'open')
    const client = connect({ url: gate.url, ...ledger.engine.credentials.migrator, database: 'default' })
    const { book } = ledger
    const collector = await startCollector({
      client,
      database,
      walDirectory: `${directory.path}/wal`,
      book,
      http: { host: '127.0.0.1', port: 0 },
      ...QUICK,
      // What is under way when the database stops to answer is the insert and nothing else.
      quietPeriodMs: FAR_AWAY_MS,
      quietPeriodOwnDialectMs: FAR_AWAY_MS,
      shutdown: { unitsMs: 300 },
    })
    const sealed = () => readdirSync(`${directory.path}/wal/sealed`).length
    expect(await sendRequest(collector.url, otlpRequest([ownCall(701, 701)]))).toBe(true)
    await expect.poll(async () => (await readStored(ledger, database)).spans.get(spanIdOf(701)), POLL).toBe(1)
    await expect.poll(sealed, POLL).toBe(0)
    gate.mode = 'black_hole'
    expect(await sendRequest(collector.url, otlpRequest([ownCall(702, 702)]))).toBe(true)
    await expect.poll(sealed, POLL).toBe(1)
    const startedMs = performance.now()
    await collector.close()
    // An attempt may take 120 s; the engine hangs up on half a request after 10 s.
    expect(performance.now() - startedMs).toBeLessThan(7_000)
    expect(collector.health().healthy).toBe(true)
    await client.close()
    await gate.close()

    const next = await startOn(directory)
    await expect.poll(() => conserved([701, 702]), POLL).toEqual(eachOnce([701, 702]))
    await next.close()
  })
})

describe('a log that lost what it knew', () => {
  test.each([
    ['its cursors', ['cursors'], 400],
    ['its identity', ['META'], 420],
    ['both', ['cursors', 'META'], 440],
  ])('%s: what the database has is not sent again, and what was not settled is', async (_, lost, from) => {
    const directory = ownDirectory()
    const running = await startOn(directory, { quietPeriodMs: FAR_AWAY_MS })
    const before = [from + 1, from + 2]
    await send(running, before)
    // Stored, and waiting to be settled.
    await expect.poll(() => conserved(before), POLL).toMatchObject({ spans: [1, 1], calls: [0, 0] })
    await running.close()
    for (const name of lost) rmSync(`${directory.path}/wal/${name}`)

    const next = await startOn(directory)
    const after = [from + 3]
    await send(next, after)
    const all = [...before, ...after]
    await expect.poll(() => conserved(all), POLL).toEqual(eachOnce(all))
    await next.close()
  })
})

describe('while as many traces wait as may', () => {
  test('what is acked stays in the log, and is stored and charged when there is room', async () => {
    const directory = ownDirectory()
    const full = await startTestCollector(ledger, database, {
      directory,
      quietPeriodMs: FAR_AWAY_MS,
      waitingTracesMax: 1,
    })
    await send(full, [601])
    await expect.poll(() => conserved([601]), POLL).toMatchObject({ spans: [1], calls: [0] })
    await send(full, [602])
    await send(full, [603])
    expect(full.collector.health()).toMatchObject({ healthy: true, details: { wal_backlog_records: 2 } })
    expect(await conserved([601, 602, 603])).toMatchObject({ spans: [1, 0, 0] })
    await full.close()

    const next = await startTestCollector(ledger, database, { directory, waitingTracesMax: 1 })
    await expect.poll(() => conserved([601, 602, 603]), POLL).toEqual(eachOnce([601, 602, 603]))
    await next.close()
  })
})

describe('an acked record that cannot be read', () => {
  test('is kept in quarantine with all that replaying it needs, and holds nothing up', async () => {
    const directory = ownDirectory()
    const gate = await openDatabaseGate(ledger.engine.url, 'closed')
    const walDirectory = `${directory.path}/wal`
    const first = await startKillableCollector(ledger, { database, walDirectory, databaseUrl: gate.url })
    for (const span of [501, 502, 503]) {
      expect(await sendRequest(first.url, otlpRequest([ownCall(span, span)]))).toBe(true)
    }
    await first.kill()
    await gate.close()
    // As a version with another idea of the wire would find it: the checksum fits, the content does not.
    breakRecord(walDirectory, 2n)

    const next = await startOn(directory)
    await expect.poll(() => conserved([501, 503]), POLL).toEqual(eachOnce([501, 503]))
    expect(quarantined(directory)).toMatchObject([
      { reason: 'unreadable_record', lsn: '2', authority: 'local', problem: expect.stringMatching(/byte/) as string },
    ])
    expect(ofType(next, 'record_quarantined').map(({ lsn }) => lsn)).toEqual([2n])
    await next.close()
  })
})
