import { parseArgs } from 'node:util'
import { wholeNumber } from '../bench/shared/options.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  /** No fault ends the collector: its memory over the run is that of one process. */
  readonly sparesCollector: boolean
}

export const USAGE = `Usage: npm run test:soak -- [options]

Senders, a collector and an embedded engine under faults, and then the books: what was acked is stored, each once.
The memory and the event loop of the collector's process (the engine has one of its own) are looked at every second.

  --minutes <n>    of load and faults (default 30)
  --seed <n>       of calls and faults (default: a random one, printed)
  --one-collector  faults of the engine, of the way to it and of the disk only: one process to the end
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
      'one-collector': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    minutes: wholeNumber('--minutes', values.minutes, 1, MINUTES_MAX),
    seed: wholeNumber('--seed', values.seed, 0, SEED_MAX),
    sparesCollector: values['one-collector'],
  }
}

export interface OutageOptions {
  readonly minutes: number
  readonly pauseMs: number
  readonly seed: number
}

export const OUTAGE_USAGE = `Usage: npm run test:outage -- [options]

Senders at a steady rate, a collector, and an embedded engine that is away for a while; then the drain, and the books.

  --minutes <n>   that the database is away (default 10)
  --pause-ms <n>  longest pause between two requests of each of eight lanes (default 1000: about 16 requests a second)
  --seed <n>      of calls (default: a random one, printed)
  --help
`

const PAUSE_MS_MAX = 60_000

/** Undefined: help was asked for. Fails as `parseSoakOptions` does. */
export const parseOutageOptions = (args: readonly string[], seedByDefault: number): OutageOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      'pause-ms': { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(seedByDefault) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    minutes: wholeNumber('--minutes', values.minutes, 1, MINUTES_MAX),
    pauseMs: wholeNumber('--pause-ms', values['pause-ms'], 1, PAUSE_MS_MAX),
    seed: wholeNumber('--seed', values.seed, 0, SEED_MAX),
  }
}
