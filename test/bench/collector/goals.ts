/** The speed goals of the specification (collector §14) that this benchmark measures. */
import type { Rate } from './sample.ts'
import { type StockWay, stockName } from './stock.ts'

const GOALS = {
  ackSpansPerCpuSecondMin: 200_000,
  timesProtobufjsMin: 2,
  timesStockMin: 1.5,
  endToEndSpansPerCpuSecondMin: 60_000,
  ackP99MsMax: 25,
  rssMibMax: 300,
  rssGrowthMax: 1.05,
} as const

export interface Latency {
  readonly requestsPerSecond: number
  readonly spansPerSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
}

/** Largest resident memory of each measured round, in MiB. */
export interface MemoryOverRun {
  readonly receiverMib: readonly number[]
  readonly collectorMib: readonly number[]
}

export interface Results {
  readonly standard: Rate
  readonly baseline: Rate
  readonly endToEnd: Rate
  /** A stock Collector by its way; undefined where none can be had. */
  readonly stock: Readonly<Record<StockWay, Rate | undefined>>
  readonly latency: Latency
  readonly memory: MemoryOverRun
  /** What was acked and is not stored, or stored and was not acked; no figure counts then. */
  readonly differences: readonly string[]
}

const missedMemory = (name: string, rounds: readonly number[]): readonly string[] => {
  const most = Math.max(...rounds)
  const growth = (rounds.at(-1) ?? Number.NaN) / (rounds[0] ?? Number.NaN)
  return [
    ...(most > GOALS.rssMibMax ? [`${name} took ${most.toFixed(0)} MiB, more than ${GOALS.rssMibMax}`] : []),
    ...(growth > GOALS.rssGrowthMax
      ? [`memory of ${name} grew ${growth.toFixed(2)}× from the first to the last round`]
      : []),
  ]
}

/** The specification names the pipeline into ClickHouse, or the one into nothing: receiving alone stands against this one. */
const missedAgainstStock = ({ standard, endToEnd, stock }: Results): readonly string[] =>
  (
    [
      ['receiving', standard, 'nop'],
      ['end to end', endToEnd, 'clickhouse'],
    ] as const
  ).flatMap(([what, ours, way]) => {
    const theirs = stock[way]?.spansPerCpuSecond.median
    return theirs === undefined || ours.spansPerCpuSecond.median >= GOALS.timesStockMin * theirs
      ? []
      : [`${what}: less than ${GOALS.timesStockMin}× ${stockName(way)}`]
  })

/** What was missed, one line each. */
export const missedGoals = (results: Results): string[] => {
  const { standard, baseline, endToEnd, latency, memory, differences } = results
  const ack = standard.spansPerCpuSecond.median
  const missed: readonly (readonly [boolean, string])[] = [
    [ack < GOALS.ackSpansPerCpuSecondMin, `receiving: below ${GOALS.ackSpansPerCpuSecondMin} spans per CPU second`],
    [
      ack < GOALS.timesProtobufjsMin * baseline.spansPerCpuSecond.median,
      `receiving: less than ${GOALS.timesProtobufjsMin}× protobufjs`,
    ],
    [
      endToEnd.spansPerCpuSecond.median < GOALS.endToEndSpansPerCpuSecondMin,
      `end to end: below ${GOALS.endToEndSpansPerCpuSecondMin} spans per CPU second of the collector`,
    ],
    [latency.p99Ms > GOALS.ackP99MsMax, `acks at half load: p99 above ${GOALS.ackP99MsMax} ms`],
  ]
  return [
    ...differences,
    ...missed.flatMap(([isMissed, line]) => (isMissed ? [line] : [])),
    ...missedAgainstStock(results),
    ...missedMemory('the receiver', memory.receiverMib),
    ...missedMemory('the collector', memory.collectorMib),
  ]
}
