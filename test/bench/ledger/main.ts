/** `npm run bench:ledger`: how fast is the ledger priced, repriced and stored? See README.md beside this file. */
import { OutlayError } from '@outlay/core'
import { tempDir } from '@outlay/testkit'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describeMachine } from '../shared/machine.ts'
import { optionsOrExit } from '../shared/options.ts'
import { openBenchLedger } from './bench-ledger.ts'
import { missedGoals } from './goals.ts'
import { loadGrowthLedgers } from './growth-ledgers.ts'
import { KPI_QUESTIONS, UNMEASURED_VIEWS } from './kpi-questions.ts'
import { loadLedger, readLoadedLedger } from './load-ledger.ts'
import { measureGrowth } from './measure-growth.ts'
import { measureKpis, measureRoundTrip } from './measure-kpis.ts'
import { loadWindows, measureReprice } from './measure-reprice.ts'
import { measureStorage } from './measure-storage.ts'
import { insertOpenTraces } from './open-traces.ts'
import { type BenchOptions, parseBenchOptions, USAGE } from './options.ts'
import { loadSpans } from './otel/load-spans.ts'
import { measureSpans } from './otel/measure-spans.ts'
import { type BenchReport, renderReport } from './report.ts'

const ROOT = join(import.meta.dirname, '../../..')
const RESULTS = join(ROOT, '.tmp/bench')
const RECORDS = join(ROOT, 'docs/benchmarks')
const FAILED = 1

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const measure = async (options: BenchOptions, dataDirectory: string): Promise<BenchReport> => {
  const machine = describeMachine()
  const { rows, repetitions } = options
  const times = { repetitions, say }
  const before = readLoadedLedger(dataDirectory, rows)
  const ledger = await openBenchLedger(dataDirectory)
  try {
    const loaded = before ?? (await loadLedger(ledger, { dataDirectory, rows, say }))
    const spans = await loadSpans(ledger, { rowsMax: options.otelRows, say })
    const growing = await loadGrowthLedgers(ledger, { rows: options.growthRows, entries: loaded.entries, say })
    for (const each of [growing.base, growing.dense]) await loadWindows(each)
    const loader = await loadWindows(ledger)
    const storage = await measureStorage(ledger)
    const roundTripMs = await measureRoundTrip(ledger, repetitions)
    await insertOpenTraces(ledger)
    const kpis = await measureKpis(ledger, times)
    const growth = await measureGrowth(growing, times)
    const rawSpans = await measureSpans(ledger, { loaded: spans, callsBytes: storage.callsBytes }, times)
    const failed = new Set(kpis.flatMap((timing) => ('failure' in timing ? [timing.view] : [])))
    const questions = KPI_QUESTIONS.filter(({ view, showsPrices }) => showsPrices && !failed.has(view))
    const reprice = await measureReprice(ledger, { loader, questions }, times)
    const loadAfter = describeMachine().load
    const { engineVersion } = ledger
    const results = { roundTripMs, kpis, unmeasuredViews: UNMEASURED_VIEWS, growth, rawSpans, reprice, storage }
    return { machine, loadAfter, engineVersion, loaded, repetitions, ...results }
  } finally {
    await ledger.close()
  }
}

const writeResults = (report: BenchReport, { rows, record }: BenchOptions): readonly string[] => {
  const text = `${JSON.stringify({ ...report, missed: missedGoals(report) }, undefined, 2)}\n`
  const files = [
    join(RESULTS, `ledger-${rows}-${report.machine.at.replaceAll(':', '-')}.json`),
    ...(record ? [join(RECORDS, `ledger-${rows}.json`)] : []),
  ]
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return files
}

const run = async (options: BenchOptions): Promise<number> => {
  const temporary = options.dataDirectory === undefined ? tempDir('outlay-bench-') : undefined
  try {
    const report = await measure(options, options.dataDirectory ?? temporary?.path ?? '')
    const files = writeResults(report, options)
    process.stdout.write(`${renderReport(report)}\n${files.join('\n')}\n`)
    return options.assert && missedGoals(report).length > 0 ? FAILED : 0
  } finally {
    temporary?.remove()
  }
}

try {
  process.exitCode = await run(optionsOrExit(parseBenchOptions, USAGE))
} catch (error) {
  if (!(error instanceof OutlayError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = FAILED
}
