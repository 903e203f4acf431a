/** The second half: request bytes → settlement, as a whole and stage by stage, over requests that mix all dialects. */
import type { Work } from './measure.ts'
import { countOwn, decode, groupByTrace, readBack, rowsOf, settleAll, strip } from './stages.ts'
import { BENCH_DIALECTS, requestOf, TRACE_SIZES, traceOf } from './traces.ts'

/** As in the payload of the specification (collector §14). */
export const SPANS_PER_REQUEST = 512

/** Whole traces of all dialects and sizes in turn, filled up with single calls. */
const mixedRequest = (first: number): Buffer => {
  const spans: ReturnType<typeof traceOf>[number][] = []
  for (let ordinal = first; spans.length < SPANS_PER_REQUEST; ordinal += 1) {
    const dialect = BENCH_DIALECTS[ordinal % BENCH_DIALECTS.length]
    const size = TRACE_SIZES[Math.floor(ordinal / BENCH_DIALECTS.length) % TRACE_SIZES.length]
    if (dialect === undefined || size === undefined) throw new Error('BUG: no dialect, or no size')
    spans.push(...traceOf(dialect, spans.length + size > SPANS_PER_REQUEST ? 1 : size, ordinal))
  }
  return requestOf(spans)
}

const total = <Item>(items: readonly Item[], measure: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + measure(item), 0)

export interface PathWorks {
  readonly works: readonly Work[]
  readonly bytesPerSpan: number
  readonly strippedBytesPerSpan: number
}

export const pathWorks = (spans: number): PathWorks => {
  const count = Math.ceil(spans / SPANS_PER_REQUEST)
  const requests = Array.from({ length: count }, (_, index) => mixedRequest(index * SPANS_PER_REQUEST))
  const bodies = requests.map(strip)
  const decoded = bodies.map(decode)
  const rows = decoded.map(rowsOf)
  const traces = rows.map((each) => groupByTrace(readBack(each)))
  const stages: readonly (readonly [name: string, run: () => number])[] = [
    ['strip', () => total(requests, (request) => strip(request).length)],
    ['decode', () => total(bodies, (body) => decode(body).length)],
    ['own dialect?', () => total(decoded, countOwn)],
    ['to rows', () => total(decoded, (each) => rowsOf(each).length)],
    ['rows back', () => total(rows, (each) => readBack(each).length)],
    ['by trace', () => total(decoded, (each) => groupByTrace(each).length)],
    ['settle', () => total(traces, settleAll)],
    [
      'whole path',
      () =>
        total(requests, (request) => {
          const received = decode(strip(request))
          return countOwn(received) + settleAll(groupByTrace(readBack(rowsOf(received))))
        }),
    ],
  ]
  const spanCount = count * SPANS_PER_REQUEST
  return {
    works: stages.map(([name, run]) => ({ name, spans: spanCount, run })),
    bytesPerSpan: total(requests, ({ length }) => length) / spanCount,
    strippedBytesPerSpan: total(bodies, ({ length }) => length) / spanCount,
  }
}
