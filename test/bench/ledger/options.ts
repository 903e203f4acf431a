import { parseArgs } from 'node:util'
import { wholeNumber } from '../shared/options.ts'

export interface BenchOptions {
  /** Ledger entries to generate, about: tasks are whole. */
  readonly rows: number
  /** A data directory to load, or to use again if it is loaded; a temporary one where it is left out. */
  readonly dataDirectory: string | undefined
  readonly repetitions: number
  /** Fail when a goal is missed. */
  readonly assert: boolean
}

export const USAGE = `Usage: npm run bench:ledger -- [options]

Loads a ledger of made-up calls into an embedded engine and measures repricing, every KPI view and storage.

  --rows <n>          ledger entries, about (default 10000000)
  --data-dir <dir>    load into this directory, or use again what a run with the same --rows left there
  --repetitions <n>   of every measurement (default 5)
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
      assert: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    rows: wholeNumber('--rows', values.rows, ROWS_MIN, ROWS_MAX),
    dataDirectory: values['data-dir'],
    repetitions: wholeNumber('--repetitions', values.repetitions, 1, REPETITIONS_MAX),
    assert: values.assert,
  }
}
