/** `npm run bench:ledger`: how fast is the ledger priced, repriced and stored? See README.md beside this file. */
import { OutlayError } from '@outlay/core'
import { tempDir } from '@outlay/testkit'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBenchLedger } from './bench-ledger.ts'
import { missedGoals } from './goals.ts'
import { KPI_QUESTIONS } from './kpi-questions.ts'
import { loadLedger, readLoadedLedger } from './load-ledger.ts'
import { describeMachine } from '../shared/machine.ts'
import { optionsOrExit } from '../shared/options.ts'
import { measureKpis, measureRoundTrip } from './measure-kpis.ts'
import { loadWindows, measureReprice } from './measure-reprice.ts'
import { measureStorage } from './measure-storage.ts'
import { type BenchOptions, parseBenchOptions, USAGE } from './options.ts'
import { type BenchReport, renderReport } from './report.ts'

const RESULTS = join(import.meta.dirname, '../../../.tmp/bench')
const FAILED = 1

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const measure = async (options: BenchOptions, dataDirectory: string): Promise<BenchReport> => {
  const machine = describeMachine()
  const { rows, repetitions } = options
  const before = readLoadedLedger(dataDirectory, rows)
  const ledger = await openBenchLedger(dataDirectory)
  try {
    const loaded = before ?? (await loadLedger(ledger, { dataDirectory, rows, say }))
    const loader = await loadWindows(ledger)
    const storage = await measureStorage(ledger)
    const roundTripMs = await measureRoundTrip(ledger, repetitions)
    const kpis = await measureKpis(ledger, repetitions, say)
    const failed = new Set(kpis.flatMap((timing) => ('failure' in timing ? [timing.view] : [])))
    const questions = KPI_QUESTIONS.filter(({ view, showsPrices }) => showsPrices && !failed.has(view))
    const reprice = await measureReprice(ledger, { loader, questions }, { repetitions, say })
    const loadAfter = describeMachine().load
    return {
      machine,
      loadAfter,
      engineVersion: ledger.engineVersion,
      loaded,
      repetitions,
      roundTripMs,
      reprice,
      kpis,
      storage,
    }
  } finally {
    await ledger.close()
  }
}

const run = async (options: BenchOptions): Promise<number> => {
  const temporary = options.dataDirectory === undefined ? tempDir('outlay-bench-') : undefined
  try {
    const report = await measure(options, options.dataDirectory ?? temporary?.path ?? '')
    mkdirSync(RESULTS, { recursive: true })
    const file = join(RESULTS, `ledger-${options.rows}-${report.machine.at.replaceAll(':', '-')}.json`)
    writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)
    process.stdout.write(`${renderReport(report)}\n${file}\n`)
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
