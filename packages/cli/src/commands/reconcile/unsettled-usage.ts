/**
 * What was received but is not settled yet: traces with evidence and without any entry. Their use is worked out as the
 * collector would, and never posted. It is most of what a comparison with the provider's figures of today lacks.
 */
import { type ClickHouseClient, type ProviderUsageQuestion, readRows, readWhole, spansTable } from '@outlay/clickhouse'
import { evidenceOf } from '@outlay/collector'
import { assert, limits, type Meter, NANOS_PER_MS, utcDayOf } from '@outlay/core'
import {
  type BookData,
  buildPriceWindows,
  canonicalTierIn,
  foldSku,
  type LedgerUsage,
  type PriceWindow,
  priceSlotOf,
  type SkuParts,
  skuIdOf,
  splitsOf,
} from '@outlay/pricing'
import { type SettledCall, settleTrace, type SpanEvidence } from '@outlay/semconv'

type Question = Pick<ProviderUsageQuestion, 'provider' | 'from' | 'to'>

interface Source {
  readonly client: ClickHouseClient
  readonly database: string
}

interface OpenTrace {
  readonly authority: string
  readonly trace_id: string
}

const TRACE_ID = /^[0-9a-f]{32}$/
const DAY_MS = 86_400_000

const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`)

const readOpenTraces = async ({ client, database }: Source, { from, to }: Question): Promise<readonly OpenTrace[]> => {
  const whole = await readWhole(client, database)
  const settled = (table: string): string =>
    `(authority, trace_id) GLOBAL NOT IN (SELECT authority, trace_id FROM ${whole(table)}
      WHERE price_slot >= toDateTime({fromMs:UInt64} / 1000, 'UTC') AND price_slot < toDateTime({toMs:UInt64} / 1000, 'UTC'))`
  const result = await client.query({
    query: `SELECT DISTINCT authority, lower(hex(trace_id)) AS trace_id
      FROM (
        SELECT authority, trace_id FROM ${whole('spans')}
        WHERE start_unix_nano >= {fromMs:UInt64} * 1000000 AND start_unix_nano < {toMs:UInt64} * 1000000
          AND received_at >= fromUnixTimestamp64Milli(toInt64({receivedMs:UInt64}), 'UTC')
          AND ${settled('calls')} AND ${settled('quarantine')}
      )
      ORDER BY authority, trace_id`,
    // A span cannot be received before it started, but for the error of its sender's clock.
    query_params: { fromMs: msOf(from), toMs: msOf(to), receivedMs: msOf(from) - DAY_MS },
    format: 'JSONEachRow',
  })
  return result.json<OpenTrace>()
}

const keyOf = ({ authority, traceId }: Pick<SpanEvidence, 'authority' | 'traceId'>): string => `${authority} ${traceId}`

const readTraces = async ({ client, database }: Source, traces: readonly OpenTrace[]): Promise<SpanEvidence[][]> => {
  const ids = traces.map(({ trace_id }) => {
    assert(TRACE_ID.test(trace_id), 'a trace id is 32 hex digits')
    return `unhex('${trace_id}')`
  })
  const rows = await readRows(client, database, spansTable, {
    where: `trace_id IN (${ids.join(', ')})`,
    ofAllShards: true,
  })
  const wanted = new Set(traces.map(({ authority, trace_id }) => keyOf({ authority, traceId: trace_id })))
  const spans = rows.map(evidenceOf).filter((span) => wanted.has(keyOf(span)))
  return [...Map.groupBy(spans, keyOf).values()]
}

/** What a sku costs at any time, compiled once per sku. */
const createPricer = (book: BookData): ((parts: SkuParts, slot: number) => PriceWindow | undefined) => {
  const known = new Map<bigint, readonly PriceWindow[]>()
  return (parts, slot) => {
    const sku = skuIdOf(parts)
    const windows = known.get(sku) ?? buildPriceWindows(book, [{ sku, ...parts }], { book: '' })
    known.set(sku, windows)
    return windows.find(({ from, to }) => from <= slot && slot < to)
  }
}

const ninthsOf = (window: PriceWindow | undefined, meter: Meter): number => {
  if (meter === 'audio_second') return window?.ninthsAudioSecond ?? 0
  return meter === 'container_second' ? (window?.ninthsContainerSecond ?? 0) : 0
}

const usageOf = (
  call: SettledCall,
  { provider, from, to }: Question,
  { book, windowOf }: { readonly book: BookData; readonly windowOf: ReturnType<typeof createPricer> },
): LedgerUsage[] => {
  const startMs = Number(call.startUnixNano / NANOS_PER_MS)
  if (startMs < msOf(from) || startMs >= msOf(to)) return []
  const parts = foldSku(call.selectors, { inputTotal: call.inputTotal, startMs }, book)
  const window = windowOf(parts, priceSlotOf(startMs, splitsOf(parts, book)))
  if ((window?.provider || parts.provider) !== provider) return []
  return (Object.entries(call.meters) as [Meter, number][]).map(([meter, units]) => ({
    day: utcDayOf(startMs),
    model: window?.model || parts.model,
    tier: window?.tier || canonicalTierIn(book, provider, parts.tier),
    meter,
    quantity: 0n,
    fusd: window?.fusd[meter] ?? null,
    ninths: ninthsOf(window, meter),
    row: '',
    evidence: { unsettled: BigInt(units) },
  }))
}

/** Rows without quantity: `evidence.unsettled` says how much settlement will add. */
export const readUnsettledUsage = async (
  source: Source,
  question: Question,
  book: BookData,
): Promise<LedgerUsage[]> => {
  const open = await readOpenTraces(source, question)
  const usage: LedgerUsage[] = []
  const pricing = { book, windowOf: createPricer(book) }
  for (let start = 0; start < open.length; start += limits.settlementTracesPerUnitMax) {
    const traces = await readTraces(source, open.slice(start, start + limits.settlementTracesPerUnitMax))
    for (const spans of traces) {
      for (const call of settleTrace(spans).calls) usage.push(...usageOf(call, question, pricing))
    }
  }
  return usage
}
