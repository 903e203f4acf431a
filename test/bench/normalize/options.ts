import { parseArgs } from 'node:util'
import { wholeNumber } from '../shared/options.ts'

export interface BenchOptions {
  /** Measured rounds. */
  readonly rounds: number
  /** Spans of each dialect and size of trace, about: traces are whole. */
  readonly spans: number
  /** Fail when a goal is missed. */
  readonly assert: boolean
}

export const USAGE = `Usage: npm run bench:normalize -- [options]

Measures settlement of traces in six dialects, and the way from request bytes to settlement stage by stage.

  --rounds <n>  measured rounds, after two to warm up (default 9)
  --spans <n>   spans of each dialect and size of trace (default 5000)
  --assert      exit 1 when a goal is missed
  --help
`

const ROUNDS_MAX = 1_000
const SPANS_MIN = 500
const SPANS_MAX = 100_000

/** Undefined: help was asked for. Fails with `E_NUMBER`, or with what `parseArgs` says of an unknown flag. */
export const parseBenchOptions = (args: readonly string[]): BenchOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '9' },
      spans: { type: 'string', default: '5000' },
      assert: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    rounds: wholeNumber('--rounds', values.rounds, 1, ROUNDS_MAX),
    spans: wholeNumber('--spans', values.spans, SPANS_MIN, SPANS_MAX),
    assert: values.assert,
  }
}
