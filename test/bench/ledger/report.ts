/** The results as text for a terminal. */
import type { Machine } from '../shared/machine.ts'
import { renderTable } from '../shared/render-table.ts'
import { meetsGoals, meetsGrowth, meetsSpeedup, missedGoals, type Results } from './goals.ts'
import { UNMEASURED_VIEWS } from './kpi-questions.ts'
import type { LoadedLedger } from './load-ledger.ts'
import type { GrowthTiming } from './measure-growth.ts'
import type { KpiFailure, KpiTiming } from './measure-kpis.ts'
import type { SpanFailure, SpanTiming } from './otel/measure-spans.ts'

export interface BenchReport extends Results {
  readonly machine: Machine
  /** Load average of 1, 5 and 15 minutes when the run ended: other work on the machine shows here. */
  readonly loadAfter: readonly number[]
  readonly engineVersion: string
  readonly loaded: LoadedLedger
  readonly repetitions: number
  readonly roundTripMs: number
  readonly unmeasuredViews: readonly string[]
}

const MIB = 1024 ** 2

const yesNo = (met: boolean): string => (met ? 'yes' : 'no')
const ms = (value: number | undefined): string => value?.toFixed(0) ?? ''
const times = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)}×`)

const kpiRow = (timing: KpiTiming | KpiFailure): readonly string[] => {
  if ('failure' in timing) return [timing.view, 'failed', '', '', '', '', '', '', '', '', 'no']
  const { view, viewTiming, floorTiming, emptyTiming, explainTiming } = timing
  return [
    view,
    ms(viewTiming.ms),
    ms(floorTiming.ms),
    times(timing.ratio),
    ms(viewTiming.cpuMs),
    ms(floorTiming.cpuMs),
    times(timing.cpuRatio),
    ms(emptyTiming.ms),
    ms(emptyTiming.cpuMs),
    ms(explainTiming.ms),
    yesNo(meetsGoals(timing)),
  ]
}

const KPI_HEAD = [
  'view, 30 days',
  'ms',
  'floor',
  'ratio',
  'CPU ms',
  'floor',
  'ratio',
  'empty',
  'CPU ms',
  'explain',
  'goal',
]

const growthRow = (timing: GrowthTiming | KpiFailure): readonly string[] => {
  if ('failure' in timing) return [timing.view, 'failed', '', '', '', '', '', 'no']
  const { view, base, dense, ratio, cpuRatio } = timing
  const figures = [base.ms, dense.ms].map(ms)
  return [view, ...figures, times(ratio), ms(base.cpuMs), ms(dense.cpuMs), times(cpuRatio), yesNo(meetsGrowth(timing))]
}

const growthTable = ({ growth }: Results): string =>
  [
    `growth: ${growth.baseEntries} entries, and ${growth.denseEntries} on the same dimensions; rows of targets ${Object.entries(
      growth.denseRows,
    )
      .map(([target, rows]) => `${target.replace('_counters', '')} ${times(rows / (growth.baseRows[target] ?? 0))}`)
      .join(', ')}`,
    renderTable([
      ['growth', 'ms', '10× calls', 'ratio', 'CPU ms', '10× calls', 'ratio', 'goal'],
      ...growth.views.map(growthRow),
    ]),
  ].join('\n')

const spanRow = (timing: SpanTiming | SpanFailure): readonly string[] => {
  if ('failure' in timing) return [timing.question, 'failed', '', '', '', '', '', 'no', '']
  const { question, ours, theirs, timesFaster, cpuTimesFaster, view } = timing
  const cpu = [ms(ours.cpuMs), ms(theirs.cpuMs), times(cpuTimesFaster)]
  return [question, ms(ours.ms), ms(theirs.ms), times(timesFaster), ...cpu, yesNo(meetsSpeedup(timing)), view]
}

const day = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10)

const spansTable = ({ rawSpans }: Results): string => {
  const { spans, calls, from, to, daysAsked, loadSeconds, modelsOfEqualMoney } = rawSpans
  const part = spans === calls ? 'all calls' : `${calls} calls in all: the rest is left out, see --otel-rows`
  return [
    `raw spans: ${spans} of ${day(from)} to ${day(to)}, the last excluded (${part}), loaded in ${loadSeconds.toFixed(0)} s; ${daysAsked} days are asked for`,
    `tokens are equal per key; money is equal for ${modelsOfEqualMoney.join(', ')}`,
    renderTable([
      ['raw spans', 'ms', 'spans', 'faster', 'CPU ms', 'spans', 'faster', 'goal', 'view'],
      ...rawSpans.questions.map(spanRow),
    ]),
  ].join('\n')
}

const failuresOf = ({ kpis, growth, rawSpans }: Results): readonly string[] => [
  ...kpis.flatMap((timing) => ('failure' in timing ? [`${timing.view} failed: ${timing.failure}`] : [])),
  ...growth.views.flatMap((timing) =>
    'failure' in timing ? [`growth of ${timing.view} failed: ${timing.failure}`] : [],
  ),
  ...rawSpans.questions.flatMap((timing) =>
    'failure' in timing ? [`${timing.question} failed: ${timing.failure}`] : [],
  ),
]

const repriceTable = ({ reprice }: Results): string =>
  renderTable([
    [
      'reprice',
      'record s',
      'refresh s',
      'views s',
      'slowest s',
      'shown s',
      'total s',
      'revision',
      'windows',
      'rewritten',
      'exact',
    ],
    ...reprice.runs.map((run, index) => [
      `run ${index + 1}`,
      ...[
        run.recordSeconds,
        run.refreshSeconds,
        run.viewsSeconds,
        run.slowestViewSeconds,
        run.shownSeconds,
        run.totalSeconds,
      ].map((value) => value.toFixed(2)),
      ...[run.load.revision, run.load.windows, run.rewritten].map(String),
      yesNo(run.exact),
    ]),
  ])

const storageTable = ({ storage, rawSpans }: Results): string =>
  renderTable([
    ['storage', 'rows', 'MiB', 'bytes/row'],
    ...storage.tables.map(({ table, rows, bytes }) => [
      table,
      String(rows),
      (bytes / MIB).toFixed(1),
      (bytes / rows).toFixed(1),
    ]),
    ['all eight targets', '', (storage.targetsBytes / MIB).toFixed(1), `${storage.ratio.toFixed(2)}× calls`],
    [
      'otel_traces',
      String(rawSpans.spans),
      (rawSpans.otelBytes / MIB).toFixed(1),
      rawSpans.otelBytesPerSpan.toFixed(1),
    ],
    ['calls, per call', '', rawSpans.callsBytesPerCall.toFixed(1), `${rawSpans.bytesRatio.toFixed(2)}× a span`],
  ])

export const renderReport = (report: BenchReport): string => {
  const { machine, engineVersion, loaded, kpis } = report
  const missed = missedGoals(report)
  return [
    `${machine.at} · ${machine.cores} cores, ${machine.processor} · ${machine.memoryGib} GiB, ${machine.freeMemoryGib} free · load ${machine.load.join(' ')} before, ${report.loadAfter.join(' ')} after`,
    `node ${machine.node} · engine ${engineVersion}`,
    `${loaded.entries} entries of ${loaded.tasks} tasks in 90 days · loaded in ${loaded.loadSeconds.toFixed(0)} s, merged in ${loaded.mergeSeconds.toFixed(0)} s`,
    `medians of ${report.repetitions}, CPU time of the engine as a mean; a reader's round trip (SELECT 1) is ${report.roundTripMs.toFixed(1)} ms`,
    '',
    renderTable([KPI_HEAD, ...kpis.map(kpiRow)]),
    ...(UNMEASURED_VIEWS.length === 0 ? [] : [`not measured: ${UNMEASURED_VIEWS.join(', ')}`]),
    '',
    growthTable(report),
    '',
    spansTable(report),
    '',
    repriceTable(report),
    '',
    storageTable(report),
    '',
    ...failuresOf(report),
    missed.length === 0 ? 'Every goal is met.' : `Missed:\n${missed.map((line) => `- ${line}`).join('\n')}`,
    '',
  ].join('\n')
}
