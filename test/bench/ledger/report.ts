/** The results as text for a terminal. */
import { meetsGoals, missedGoals, type Results } from './goals.ts'
import { UNMEASURED_VIEWS } from './kpi-questions.ts'
import type { LoadedLedger } from './load-ledger.ts'
import type { Machine } from '../shared/machine.ts'
import type { KpiFailure, KpiTiming } from './measure-kpis.ts'
import { renderTable } from '../shared/render-table.ts'

export interface BenchReport extends Results {
  readonly machine: Machine
  /** Load average of 1, 5 and 15 minutes when the run ended: other work on the machine shows here. */
  readonly loadAfter: readonly number[]
  readonly engineVersion: string
  readonly loaded: LoadedLedger
  readonly repetitions: number
  readonly roundTripMs: number
}

const MIB = 1024 ** 2

const kpiRow = (timing: KpiTiming | KpiFailure): readonly string[] => {
  if ('failure' in timing) return [timing.view, 'failed', '', '', '', '', 'no']
  const { view, viewMs, floorMs, ratio, emptyMs, explainMs } = timing
  return [
    view,
    ...[viewMs, floorMs].map((ms) => ms.toFixed(0)),
    `${ratio.toFixed(1)}×`,
    ...[emptyMs, explainMs].map((ms) => ms.toFixed(0)),
    meetsGoals(timing) ? 'yes' : 'no',
  ]
}

const failuresOf = ({ kpis }: Results): readonly string[] =>
  kpis.flatMap((timing) => ('failure' in timing ? [`${timing.view} failed: ${timing.failure}`] : []))

const repriceTable = ({ reprice }: Results): string =>
  renderTable([
    ['reprice', 'record s', 'refresh s', 'views s', 'total s', 'revision', 'windows', 'rewritten', 'exact'],
    ...reprice.runs.map((run, index) => [
      `run ${index + 1}`,
      ...[run.recordSeconds, run.refreshSeconds, run.viewsSeconds, run.totalSeconds].map((value) => value.toFixed(2)),
      ...[run.load.revision, run.load.windows, run.rewritten].map(String),
      run.exact ? 'yes' : 'no',
    ]),
  ])

const storageTable = ({ storage }: Results): string =>
  renderTable([
    ['storage', 'rows', 'MiB', 'bytes/row'],
    ...storage.tables.map(({ table, rows, bytes }) => [
      table,
      String(rows),
      (bytes / MIB).toFixed(1),
      (bytes / rows).toFixed(1),
    ]),
    ['all eight targets', '', (storage.targetsBytes / MIB).toFixed(1), `${storage.ratio.toFixed(2)}× calls`],
  ])

export const renderReport = (report: BenchReport): string => {
  const { machine, engineVersion, loaded, kpis } = report
  const missed = missedGoals(report)
  return [
    `${machine.at} · ${machine.cores} cores, ${machine.processor} · ${machine.memoryGib} GiB, ${machine.freeMemoryGib} free · load ${machine.load.join(' ')} before, ${report.loadAfter.join(' ')} after`,
    `node ${machine.node} · engine ${engineVersion}`,
    `${loaded.entries} entries of ${loaded.tasks} tasks in 90 days · loaded in ${loaded.loadSeconds.toFixed(0)} s, merged in ${loaded.mergeSeconds.toFixed(0)} s`,
    `medians of ${report.repetitions}; a reader's round trip (SELECT 1) is ${report.roundTripMs.toFixed(1)} ms`,
    '',
    repriceTable(report),
    '',
    renderTable([['view, 30 days', 'ms', 'floor ms', 'ratio', 'empty ms', 'explain ms', 'goal'], ...kpis.map(kpiRow)]),
    ...failuresOf(report),
    ...(UNMEASURED_VIEWS.length === 0 ? [] : [`not measured: ${UNMEASURED_VIEWS.join(', ')}`]),
    '',
    storageTable(report),
    '',
    missed.length === 0 ? 'Every goal is met.' : `Missed:\n${missed.map((line) => `- ${line}`).join('\n')}`,
    '',
  ].join('\n')
}
