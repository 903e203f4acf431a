/** The first half of the benchmark: stored evidence → `settleTrace`, for every dialect and size of trace. */
import type { BenchDialect } from './dialects/bench-dialect.ts'
import type { Work } from './measure.ts'
import { evidenceOfRequest, settleAll, type Trace } from './stages.ts'
import { BENCH_DIALECTS, requestOf, TRACE_SIZES, traceOf } from './traces.ts'

interface TraceSet {
  readonly name: string
  readonly traces: readonly Trace[]
}

const SPANS_PER_REQUEST = 500

const setOf = (dialect: BenchDialect, size: number, spans: number): TraceSet => {
  const placed = Array.from({ length: Math.ceil(spans / size) }, (_, ordinal) => traceOf(dialect, size, ordinal))
  const perRequest = SPANS_PER_REQUEST / size
  const requests = Array.from({ length: Math.ceil(placed.length / perRequest) }, (_, index) =>
    requestOf(placed.slice(index * perRequest, (index + 1) * perRequest).flat()),
  )
  return { name: `${dialect.name}, ${size}`, traces: requests.flatMap(evidenceOfRequest) }
}

/** Evenly: every stretch of the mix holds spans of each set. */
const mixOf = (sets: readonly TraceSet[]): Trace[] =>
  sets
    .flatMap(({ traces }) => traces.map((trace, index) => ({ trace, at: (index + 0.5) / traces.length })))
    .toSorted((a, b) => a.at - b.at)
    .map(({ trace }) => trace)

const workOf = ({ name, traces }: TraceSet): Work => ({
  name,
  spans: traces.reduce((count, trace) => count + trace.length, 0),
  run: () => settleAll(traces),
})

/** One set per dialect and size, of about `spans` spans each, and one of all of them mixed. */
const settleSets = (spans: number): TraceSet[] => {
  const sets = BENCH_DIALECTS.flatMap((dialect) => TRACE_SIZES.map((size) => setOf(dialect, size, spans)))
  return [...sets, { name: 'all mixed', traces: mixOf(sets) }]
}

export const settleWorks = (spans: number): Work[] => settleSets(spans).map(workOf)
