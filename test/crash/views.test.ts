/** F6, F15: what happens to the views behind the ledger while a unit is in doubt. */
import { prepareDatabase } from '@outlay/clickhouse'
import type { CollectorEvent } from '@outlay/collector'
import { systemClock } from '@outlay/core'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { readStored, spanIdOf, targetsThatDiffer } from '../harness/conservation.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const POLL = { timeout: 30_000, interval: 50 }
const VIEW = 'tenant_counters_mv'
const TARGET = 'tenant_counters'

let ledger: TestLedger
let database: string
/** What feeds the target when nobody has broken it. */
let statement: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  statement = await textOf(`SELECT as_select FROM system.tables WHERE database = '${database}' AND name = '${VIEW}'`)
})
afterAll(() => ledger.close())

const command = (query: string) => ledger.client.command({ query })

const textOf = async (query: string): Promise<string> => {
  const rows = await (await ledger.client.query({ query, format: 'JSONCompactEachRow' })).json<[string]>()
  return rows[0]?.[0] ?? ''
}

const ofType = <Type extends CollectorEvent['type']>({ events }: TestCollector, type: Type) =>
  events.filter((event): event is Extract<CollectorEvent, { type: Type }> => event.type === type)

const conserved = async (spans: readonly number[]): Promise<unknown> => {
  const stored = await readStored(ledger, database)
  const count = (of: ReadonlyMap<string, number>): number[] => spans.map((span) => of.get(spanIdOf(span)) ?? 0)
  return { spans: count(stored.spans), calls: count(stored.calls), differ: await targetsThatDiffer(ledger, database) }
}
const eachOnce = (spans: readonly number[]) => ({ spans: spans.map(() => 1), calls: spans.map(() => 1), differ: [] })

/** Sends some calls while a view throws, and answers when the ledger has them, the view's target not, and nobody knows. */
const inDoubt = async (spans: readonly number[], thrown = "throwIf(tenant = 'acme')") => {
  const directory = tempDir()
  onTestFinished(() => directory.remove())
  await command(
    `ALTER TABLE ${database}.${VIEW} MODIFY QUERY ${statement.replace(/ GROUP BY /, ` WHERE ${thrown} = 0 GROUP BY `)}`,
  )
  const first = await startTestCollector(ledger, database, { directory })
  expect(await sendRequest(first.collector.url, otlpRequest(spans.map((span) => ownCall(span, span))))).toBe(true)
  await expect.poll(() => ofType(first, 'writer_held').map(({ table }) => table), POLL).toEqual(['calls'])
  expect(await conserved(spans)).toMatchObject({
    calls: spans.map(() => 1),
    differ: expect.arrayContaining([TARGET]) as unknown,
  })
  await first.close()
  const mend = () => command(`ALTER TABLE ${database}.${VIEW} MODIFY QUERY ${statement}`)
  return { directory, mend, code: ofType(first, 'writer_held')[0]?.code }
}

test.each([
  ['an error of its own', "throwIf(tenant = 'acme')", '395'],
  ['data that it cannot read', "toUInt8(concat('x', tenant))", '6'],
])('a view that throws for %s holds the unit; mended, every table has it once', async (_, thrown, code) => {
  const spans = code === '6' ? [11, 12] : [21, 22]
  const doubt = await inDoubt(spans, thrown)
  expect(doubt.code).toBe(code)
  await doubt.mend()
  const second = await startTestCollector(ledger, database, { directory: doubt.directory })
  await expect.poll(() => conserved(spans), POLL).toEqual(eachOnce(spans))
  expect(ofType(second, 'row_quarantined')).toEqual([])
  await second.close()
})

test('counters made anew while a unit is in doubt have it once', async () => {
  const spans = [31, 32]
  const { directory } = await inDoubt(spans)
  // What a version with another shape of counters finds.
  await command(`DELETE FROM ${database}.schema_migrations WHERE name LIKE '%-tenant-counters%'`)
  await prepareDatabase({ client: ledger.client, target: { database }, book: ledger.book, clock: systemClock })
  expect(await conserved(spans)).toEqual(eachOnce(spans))
  const second = await startTestCollector(ledger, database, { directory })
  await second.collector.settled()
  await expect.poll(() => ofType(second, 'views_changed').map(({ table }) => table), POLL).toEqual(['calls'])
  expect(await conserved(spans)).toEqual(eachOnce(spans))
  // What comes now is counted as ever.
  expect(await sendRequest(second.collector.url, otlpRequest([ownCall(33, 33)]))).toBe(true)
  await expect.poll(() => conserved([...spans, 33]), POLL).toEqual(eachOnce([...spans, 33]))
  await second.close()
})

test('a view that was renamed while a unit is in doubt is not given it again; under its name again, every table has it once', async () => {
  const spans = [41, 42]
  const { directory, mend } = await inDoubt(spans)
  await mend()
  const before = await targetsThatDiffer(ledger, database)
  // It feeds the same table as ever, which has the unit or not: nobody can know.
  await command(`RENAME TABLE ${database}.task_counters_mv TO ${database}.renamed_mv`)
  const second = await startTestCollector(ledger, database, { directory })
  await expect.poll(() => ofType(second, 'writer_held').map(({ code }) => code), POLL).toEqual(['views_changed'])
  const [said] = ofType(second, 'views_changed')
  expect(said?.views.replaceAll(/ @ [\w-]+/g, '')).toBe(
    `${database}.task_counters_mv > ${database}.task_counters, ${database}.renamed_mv > ${database}.task_counters`,
  )
  expect(await conserved(spans)).toEqual({ ...eachOnce(spans), differ: before })
  await second.close()

  await command(`RENAME TABLE ${database}.renamed_mv TO ${database}.task_counters_mv`)
  const third = await startTestCollector(ledger, database, { directory })
  await expect.poll(() => conserved(spans), POLL).toEqual(eachOnce(spans))
  await third.close()
})
