/** Fills a table of raw spans from the calls of the ledger, day by day, on the server. */
import { ANTHROPIC, GEN_AI, OPENAI, OUTLAY, STANDARD } from '@outlay/semconv'
import { readFileSync } from 'node:fs'
import { type BenchLedger, rowsOf } from '../bench-ledger.ts'
import { mergeParts } from '../merge-parts.ts'
import { QUARTER_FROM, QUARTER_TO, SHOWN } from '../period.ts'
import { insertListPrices } from './list-prices.ts'

export const OTEL_DATABASE = 'outlay_otel'
const DAY_SECONDS = 86_400

export const readOtelSql = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

const ATTRIBUTES: Readonly<Record<string, string>> = { ...STANDARD, ...ANTHROPIC, ...OPENAI, ...GEN_AI, ...OUTLAY }

const statement = (file: string, calls: string): string =>
  readOtelSql(file).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const text = { db: OTEL_DATABASE, calls, ...ATTRIBUTES }[name]
    if (text === undefined) throw new Error(`BUG: ${file} asks for ${name}`)
    return text
  })

export interface LoadedSpans {
  readonly spans: number
  /** Net calls of the ledger; more than `spans` where --otel-rows left days out. */
  readonly calls: number
  /** Unix seconds of the days that the table has. */
  readonly from: number
  readonly to: number
  readonly loadSeconds: number
}

interface Day {
  readonly day: number
  readonly calls: number
}

const daysOf = async ({ client, database }: BenchLedger): Promise<readonly Day[]> => {
  const rows = await rowsOf<{ day: string; calls: string }>(
    client,
    `SELECT toUInt64(toUnixTimestamp(toStartOfDay(price_slot))) AS day, sum(calls) AS calls FROM ${database}.tenant_counters GROUP BY day ORDER BY day`,
  )
  return rows.map(({ day, calls }) => ({ day: Number(day), calls: Number(calls) }))
}

/** All days where all calls fit; else as many days of the shown month as do, from its first one on. */
const daysThatFit = (days: readonly Day[], rowsMax: number): { readonly from: number; readonly to: number } => {
  const all = days.reduce((sum, { calls }) => sum + calls, 0)
  if (all <= rowsMax) return { from: QUARTER_FROM, to: QUARTER_TO }
  let [to, left] = [SHOWN.monthFrom, rowsMax]
  for (const { day, calls } of days.filter((each) => each.day >= SHOWN.monthFrom)) {
    left -= calls
    if (left < 0 && to > SHOWN.monthFrom) break
    to = day + DAY_SECONDS
  }
  return { from: SHOWN.monthFrom, to }
}

interface LoadSpansSettings {
  readonly rowsMax: number
  readonly say: (line: string) => void
}

export const loadSpans = async (ledger: BenchLedger, { rowsMax, say }: LoadSpansSettings): Promise<LoadedSpans> => {
  const { client, database } = ledger
  const startedAt = performance.now()
  await client.command({ query: `DROP DATABASE IF EXISTS ${OTEL_DATABASE}` })
  await client.command({ query: `CREATE DATABASE ${OTEL_DATABASE}` })
  const calls = `${database}.calls`
  for (const file of ['otel-traces.sql', 'list-prices.sql']) await client.command({ query: statement(file, calls) })
  await insertListPrices(ledger, `${OTEL_DATABASE}.list_prices`)
  const days = await daysOf(ledger)
  const { from, to } = daysThatFit(days, rowsMax)
  const query = `INSERT INTO ${OTEL_DATABASE}.otel_traces
    (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode)
    ${statement('spans.sql', calls)}`
  for (let day = from; day < to; day += DAY_SECONDS) {
    say(`loading spans of ${new Date(day * 1_000).toISOString().slice(0, 10)}`)
    await client.command({ query, query_params: { from: day, to: day + DAY_SECONDS } })
  }
  await mergeParts({ ...ledger, database: OTEL_DATABASE }, { tables: ['otel_traces'], say })
  const [row] = await rowsOf<{ spans: string }>(client, `SELECT count() AS spans FROM ${OTEL_DATABASE}.otel_traces`)
  return {
    spans: Number(row?.spans),
    calls: days.reduce((sum, each) => sum + each.calls, 0),
    from,
    to,
    loadSeconds: (performance.now() - startedAt) / 1_000,
  }
}
