import { parseArgs } from 'node:util'
import { wholeNumber } from '../shared/options.ts'

export interface BenchOptions {
  /** Ledger entries to generate, about: tasks are whole. */
  readonly rows: number
  /** A data directory to load, or to use again if it is loaded; a temporary one where it is left out. */
  readonly dataDirectory: string | undefined
  readonly repetitions: number
  /** Most calls that the table of raw spans is filled with. */
  readonly otelRows: number
  /** Entries of the larger of the two ledgers that growth is measured on, about. */
  readonly growthRows: number
  /** Keep the results in docs/benchmarks. */
  readonly record: boolean
  /** Fail when a goal is missed. */
  readonly assert: boolean
}

export const USAGE = `Usage: npm run bench:ledger -- [options]

Loads a ledger of made-up calls into an embedded engine and measures every view, repricing, growth, storage, and the
same questions on raw spans.

  --rows <n>          ledger entries, about (default 10000000)
  --data-dir <dir>    load into this directory, or use again what a run with the same --rows left there
  --repetitions <n>   of every measurement (default 5)
  --otel-rows <n>     most calls that are also loaded as raw spans (default 1000000)
  --growth-rows <n>   entries of the larger ledger of the growth pair, at most --rows (default 1000000)
  --record            write the results to docs/benchmarks/ledger-<rows>.json too
  --assert            exit 1 when a goal is missed
  --help
`

/** Fewer do not hold every kind of call. */
const ROWS_MIN = 50_000
const ROWS_MAX = 100_000_000
const REPETITIONS_MAX = 100

/** Undefined: help was asked for. Fails with `E_NUMBER`, or with what `parseArgs` says of an unknown flag. */
export const parseBenchOptions = (args: readonly string[]): BenchOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '10000000' },
      'data-dir': { type: 'string' },
      repetitions: { type: 'string', default: '5' },
      'otel-rows': { type: 'string', default: '1000000' },
      'growth-rows': { type: 'string', default: '1000000' },
      record: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const rows = wholeNumber('--rows', values.rows, ROWS_MIN, ROWS_MAX)
  return {
    rows,
    dataDirectory: values['data-dir'],
    repetitions: wholeNumber('--repetitions', values.repetitions, 1, REPETITIONS_MAX),
    otelRows: wholeNumber('--otel-rows', values['otel-rows'], ROWS_MIN, ROWS_MAX),
    growthRows: Math.min(rows, wholeNumber('--growth-rows', values['growth-rows'], ROWS_MIN, ROWS_MAX)),
    record: values.record,
    assert: values.assert,
  }
}
