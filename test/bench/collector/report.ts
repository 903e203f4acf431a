/** The results as text for a terminal. */
import type { Machine } from '../shared/machine.ts'
import { renderTable } from '../shared/render-table.ts'
import type { Spread } from '../normalize/measure.ts'
import { missedGoals, type Results } from './goals.ts'
import type { Rate } from './sample.ts'

export interface BenchReport extends Results {
  readonly machine: Machine
  /** Load average of 1, 5 and 15 minutes when the run ended: other work on the machine shows here. */
  readonly loadAfter: readonly number[]
  readonly rounds: number
  readonly received: readonly Rate[]
  /** Why no stock Collector was measured, if so. */
  readonly missingPeers: string | undefined
  readonly loggedMib: number
}

const THOUSAND = 1_000
const thousands = (value: number): string => (value / THOUSAND).toFixed(value < 10 * THOUSAND ? 1 : 0)
const cellsOf = ({ median, worst, best }: Spread): string[] => [median, worst, best].map(thousands)

const rowOf = (rate: Rate): string[] => [
  rate.name,
  ...cellsOf(rate.spansPerCpuSecond),
  rate.cpuSecondsPerMillion.toFixed(1),
  rate.engineCpuSecondsPerMillion?.toFixed(1) ?? '',
  ...cellsOf(rate.spansPerSecond),
  ...[rate.bytesPerSpan, rate.wireBytesPerSpan].map((bytes) => (bytes === undefined ? '' : bytes.toFixed(0))),
]

const HEAD = [
  'thousands of spans',
  'per CPU s',
  'worst',
  'best',
  'CPU s/M',
  'engine',
  'per s',
  'worst',
  'best',
  'B/span',
  'sent',
]

const mibs = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(' ')

const comparisons = ({ standard, endToEnd, stock }: BenchReport): readonly string[] => {
  const times = (ours: Rate, theirs: Rate | undefined): string =>
    theirs === undefined ? '' : (ours.spansPerCpuSecond.median / theirs.spansPerCpuSecond.median).toFixed(2)
  return [
    `receiving is ${times(standard, stock.nop)}× the stock Collector with nop, the whole way ${times(endToEnd, stock.clickhouse)}× the one with clickhouse and ${times(endToEnd, stock.durable)}× the one with a queue on disk, per CPU second`,
  ]
}

export const renderReport = (report: BenchReport): string => {
  const { machine, loadAfter, rounds, received, baseline, endToEnd, latency, memory, standard, stock } = report
  const missed = missedGoals(report)
  const peers = Object.values(stock).filter((rate) => rate !== undefined)
  const faster = standard.spansPerCpuSecond.median / baseline.spansPerCpuSecond.median
  return [
    `${machine.at} · ${machine.cores} cores, ${machine.processor} · ${machine.memoryGib} GiB, ${machine.freeMemoryGib} free · load ${machine.load.join(' ')} before, ${loadAfter.join(' ')} after`,
    `node ${machine.node} · medians of ${rounds} interleaved rounds · fsync on · the sender has a process of its own`,
    '',
    renderTable([HEAD, ...[...received, baseline, endToEnd, ...peers].map(rowOf)]),
    '',
    `receiving is ${faster.toFixed(1)}× protobufjs decoding of the same bytes`,
    `acks at half load (${latency.spansPerSecond.toFixed(0)} spans/s, ${latency.requests} requests): p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms, worst ${latency.worstMs.toFixed(1)} ms`,
    `largest RSS by round, MiB: receiver ${mibs(memory.receiverMib)} · collector of the whole way ${mibs(memory.collectorMib)}`,
    `${report.loggedMib.toFixed(0)} MiB in the receiver's log`,
    ...(report.missingPeers === undefined ? comparisons(report) : [report.missingPeers]),
    report.differences.length === 0 ? 'conservation: what was acked is stored, each once, with equal sums' : '',
    '',
    missed.length === 0 ? 'Every goal is met.' : `Missed:\n${missed.map((line) => `- ${line}`).join('\n')}`,
    '',
  ].join('\n')
}
