/**
 * All traces with evidence of a time, in order of receipt and in batches that fit into memory. A trace is in every window in
 * which something of it was received: whoever reads it whole sees which of them was the first.
 */
import { limits } from '@outlay/core'
import { type LedgerSource, receivedIn, rowsOf, type TimeRange } from './ledger-range.ts'

export interface TraceBatch {
  readonly window: TimeRange
  readonly traces: readonly { readonly authority: string; readonly traceId: string }[]
}

const SECONDS_PER_DAY = 86_400
const SECONDS_PER_MINUTE = 60

const daysOf = async (source: LedgerSource, range: TimeRange): Promise<readonly number[]> => {
  const rows = await rowsOf<{ day: number }>(
    source,
    `SELECT DISTINCT toUnixTimestamp(toStartOfDay(received_at)) AS day FROM ${source.database}.spans WHERE ${receivedIn(range)} ORDER BY day`,
  )
  return rows.map(({ day }) => day)
}

interface Window extends TimeRange {
  readonly spans: number
}

/** Minutes of a day, put together while their spans may be listed at once. */
const windowsOfDay = async (source: LedgerSource, range: TimeRange): Promise<readonly Window[]> => {
  const minutes = await rowsOf<{ minute: number; spans: string }>(
    source,
    `SELECT toUnixTimestamp(toStartOfMinute(received_at)) AS minute, count() AS spans FROM ${source.database}.spans
     WHERE ${receivedIn(range)} GROUP BY minute ORDER BY minute`,
  )
  const windows: { from: number; to: number; spans: number }[] = []
  for (const { minute, spans } of minutes) {
    const last = windows.at(-1)
    if (last !== undefined && last.spans + Number(spans) <= limits.verifyRowsPerQueryMax) {
      last.to = minute + SECONDS_PER_MINUTE
      last.spans += Number(spans)
    } else windows.push({ from: Math.max(minute, range.from), to: minute + SECONDS_PER_MINUTE, spans: Number(spans) })
  }
  return windows.map((window) => ({ ...window, to: Math.min(window.to, range.to) }))
}

interface ListedTrace {
  readonly of: string
  readonly trace: string
  readonly spans: string
}

export async function* traceBatches(source: LedgerSource, range: TimeRange): AsyncGenerator<TraceBatch> {
  for (const day of await daysOf(source, range)) {
    const ofDay = { from: Math.max(day, range.from), to: Math.min(day + SECONDS_PER_DAY, range.to) }
    for (const window of await windowsOfDay(source, ofDay)) yield* batchesOfWindow(source, window)
  }
}

async function* batchesOfWindow(source: LedgerSource, { spans, ...window }: Window): AsyncGenerator<TraceBatch> {
  const slices = Math.max(1, Math.ceil(spans / limits.verifyRowsPerQueryMax))
  for (let slice = 0; slice < slices; slice += 1) {
    const listed = await rowsOf<ListedTrace>(
      source,
      `SELECT toString(authority) AS of, lower(hex(trace_id)) AS trace, count() AS spans FROM ${source.database}.spans
       WHERE ${receivedIn(window)} AND cityHash64(trace_id) % ${slices} = ${slice}
       GROUP BY of, trace_id ORDER BY trace, of`,
    )
    let traces: { authority: string; traceId: string }[] = []
    let held = 0
    for (const each of listed) {
      const isFull =
        traces.length === limits.settlementTracesPerUnitMax || held + Number(each.spans) > limits.verifySpansPerBatchMax
      if (held > 0 && isFull) {
        yield { window, traces }
        traces = []
        held = 0
      }
      traces.push({ authority: each.of, traceId: each.trace })
      held += Number(each.spans)
    }
    if (traces.length > 0) yield { window, traces }
  }
}
