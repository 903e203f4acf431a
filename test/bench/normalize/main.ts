/** `npm run bench:normalize`: how fast do spans become calls? See README.md beside this file. */
import { OutlayError } from '@outlay/core'
import { describeMachine } from '../ledger/machine.ts'
import { measureRates } from './measure.ts'
import { type BenchOptions, parseBenchOptions, USAGE } from './options.ts'
import { pathWorks } from './path-works.ts'
import { type BenchReport, missedGoals, renderReport } from './report.ts'
import { settleWorks } from './settle-works.ts'

const FAILED = 1
const WRONG_USAGE = 2

const measure = ({ rounds, spans }: BenchOptions): BenchReport => {
  const machine = describeMachine()
  const settling = settleWorks(spans)
  const { works, bytesPerSpan, strippedBytesPerSpan } = pathWorks(spans)
  const rates = measureRates([...settling, ...works], rounds)
  return {
    machine,
    loadAfter: describeMachine().load,
    rounds,
    settle: rates.slice(0, settling.length),
    path: rates.slice(settling.length),
    bytesPerSpan,
    strippedBytesPerSpan,
  }
}

const optionsOrExit = (): BenchOptions => {
  try {
    const options = parseBenchOptions(process.argv.slice(2))
    if (options !== undefined) return options
    process.stdout.write(USAGE)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exit(WRONG_USAGE)
  }
}

try {
  const options = optionsOrExit()
  const report = measure(options)
  process.stdout.write(renderReport(report))
  process.exitCode = options.assert && missedGoals(report).length > 0 ? FAILED : 0
} catch (error) {
  if (!(error instanceof OutlayError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = FAILED
}
