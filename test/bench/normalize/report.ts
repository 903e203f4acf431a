/** The results as text for a terminal. */
import type { Machine } from '../shared/machine.ts'
import { renderTable } from '../shared/render-table.ts'
import type { Rate, Spread } from './measure.ts'
import { SPANS_PER_REQUEST } from './path-works.ts'
import { ATTRIBUTES_PER_SPAN } from './span-sketch.ts'

export interface BenchReport {
  readonly machine: Machine
  /** Load average of 1, 5 and 15 minutes when the run ended: other work on the machine shows here. */
  readonly loadAfter: readonly number[]
  readonly rounds: number
  readonly settle: readonly Rate[]
  readonly path: readonly Rate[]
  readonly bytesPerSpan: number
  readonly strippedBytesPerSpan: number
}

/** The goal of the specification: spans per second of one core. */
const SETTLED_SPANS_PER_CPU_SECOND_MIN = 100_000
const THOUSAND = 1_000
const MILLION = 1_000_000

const thousands = (value: number): string => (value / THOUSAND).toFixed(0)

const cellsOf = ({ median, worst, best }: Spread): string[] => [median, worst, best].map(thousands)

const meetsGoal = ({ spansPerCpuSecond }: Rate): boolean => spansPerCpuSecond.median >= SETTLED_SPANS_PER_CPU_SECOND_MIN

/** What was missed, one line each. */
export const missedGoals = ({ settle }: BenchReport): string[] =>
  settle
    .filter((rate) => !meetsGoal(rate))
    .map(({ name }) => `settle ${name}: below ${thousands(SETTLED_SPANS_PER_CPU_SECOND_MIN)} k spans per CPU second`)

const rateTable = (title: string, rates: readonly Rate[]): string =>
  renderTable([
    [title, 'k/CPU s', 'worst', 'best', 'k/s wall', 'worst', 'best', 'CPU s per M'],
    ...rates.map(({ name, spansPerCpuSecond, spansPerSecond }) => [
      name,
      ...cellsOf(spansPerCpuSecond),
      ...cellsOf(spansPerSecond),
      (MILLION / spansPerCpuSecond.median).toFixed(2),
    ]),
  ])

export const renderReport = (report: BenchReport): string => {
  const { machine, loadAfter, rounds, settle, path, bytesPerSpan, strippedBytesPerSpan } = report
  const missed = missedGoals(report)
  return [
    `${machine.at} · ${machine.cores} cores, ${machine.processor} · ${machine.memoryGib} GiB, ${machine.freeMemoryGib} free · load ${machine.load.join(' ')} before, ${loadAfter.join(' ')} after`,
    `node ${machine.node} · thousands of spans, medians of ${rounds} interleaved rounds · ${ATTRIBUTES_PER_SPAN} attributes per span are stored`,
    '',
    rateTable('settle: dialect, spans per trace', settle),
    '',
    rateTable(`requests of ${SPANS_PER_REQUEST} spans, mixed`, path),
    `${bytesPerSpan.toFixed(0)} bytes per span with its prompts, ${strippedBytesPerSpan.toFixed(0)} without`,
    '',
    missed.length === 0 ? 'The goal is met.' : `Missed:\n${missed.map((line) => `- ${line}`).join('\n')}`,
    '',
  ].join('\n')
}
