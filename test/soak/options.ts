import { parseArgs } from 'node:util'
import { wholeNumber } from '../bench/shared/options.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
}

export const USAGE = `Usage: npm run test:soak -- [options]

Senders, a collector and an embedded engine under faults, and then the books: what was acked is stored, each once.

  --minutes <n>  of load and faults (default 30)
  --seed <n>     of calls and faults (default: a random one, printed)
  --help
`

const MINUTES_MAX = 7 * 24 * 60
const SEED_MAX = 999_999_999

/** Undefined: help was asked for. Fails with `E_NUMBER`, or with what `parseArgs` says of an unknown flag. */
export const parseSoakOptions = (args: readonly string[], seedByDefault: number): SoakOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(seedByDefault) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    minutes: wholeNumber('--minutes', values.minutes, 1, MINUTES_MAX),
    seed: wholeNumber('--seed', values.seed, 0, SEED_MAX),
  }
}
