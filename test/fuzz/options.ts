import { parseArgs } from 'node:util'
import { wholeNumber } from '../bench/shared/options.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Bodies judged in process. */
  readonly bodies: number
  /** Of them also sent over sockets. */
  readonly sent: number
  /** Attribute names, each of which is sent once. */
  readonly names: number
  readonly processes: number
  /** One body alone, to look at a failure. */
  readonly only: number | undefined
}

export const USAGE = `Usage: npm run test:fuzz -- [options]

Mutated trace requests against the receive path, in process and over sockets. Exit code 1 if any was answered wrongly.

  --seed <n>       of all bodies (default: a random one, printed)
  --bodies <n>     judged in process (default 1200000)
  --sent <n>       bodies sent to real HTTP and gRPC servers (default 50000)
  --names <n>      attribute names that are sent, each once (default 1000000)
  --processes <n>  (default 2)
  --only <n>       judge one body of that seed and show it
  --help
`

const SEED_MAX = 999_999_999
const BODIES_MAX = 500_000_000
const PROCESSES_MAX = 64

/** Undefined: help was asked for. Fails with `E_NUMBER`, or with what `parseArgs` says of an unknown flag. */
export const parseFuzzOptions = (args: readonly string[], seedByDefault: number): FuzzOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(seedByDefault) },
      bodies: { type: 'string', default: '1200000' },
      sent: { type: 'string', default: '50000' },
      names: { type: 'string', default: '1000000' },
      processes: { type: 'string', default: '2' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    seed: wholeNumber('--seed', values.seed, 0, SEED_MAX),
    bodies: wholeNumber('--bodies', values.bodies, 1, BODIES_MAX),
    sent: wholeNumber('--sent', values.sent, 0, BODIES_MAX),
    names: wholeNumber('--names', values.names, 0, BODIES_MAX),
    processes: wholeNumber('--processes', values.processes, 1, PROCESSES_MAX),
    only: values.only === undefined ? undefined : wholeNumber('--only', values.only, 0, BODIES_MAX),
  }
}
