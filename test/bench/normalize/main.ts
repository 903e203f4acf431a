/** `npm run bench:normalize`: how fast do spans become calls? See README.md beside this file. */
import { OutlayError } from '@outlay/core'
import { describeMachine } from '../shared/machine.ts'
import { optionsOrExit } from '../shared/options.ts'
import { measureRates } from './measure.ts'
import { type BenchOptions, parseBenchOptions, USAGE } from './options.ts'
import { pathWorks } from './path-works.ts'
import { type BenchReport, missedGoals, renderReport } from './report.ts'
import { settleWorks } from './settle-works.ts'

const FAILED = 1

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

try {
  const options = optionsOrExit(parseBenchOptions, USAGE)
  const report = measure(options)
  process.stdout.write(renderReport(report))
  process.exitCode = options.assert && missedGoals(report).length > 0 ? FAILED : 0
} catch (error) {
  if (!(error instanceof OutlayError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = FAILED
}
