import { parseArgs } from 'node:util'
import { wholeNumber } from '../shared/options.ts'

export interface BenchOptions {
  /** Measured rounds. */
  readonly rounds: number
  /** Requests of 512 spans per piece of work and round. */
  readonly requests: number
  /** How long latency is measured at half load. */
  readonly latencySeconds: number
  /** Keep the results in docs/benchmarks. */
  readonly record: boolean
  /** Fail when a goal is missed. */
  readonly assert: boolean
  /** Where V8 profiles of the receiving processes are left; none where it is left out. */
  readonly profileDirectory: string | undefined
  /** Minutes of full load in place of the benchmark; none where it is left out. */
  readonly fullLoadMinutes: number | undefined
  /** GiB of log to restart with in place of the benchmark; none where it is left out. */
  readonly restartGib: number | undefined
}

export const USAGE = `Usage: npm run bench:collector -- [options]

Measures receiving (over sockets, into an fsynced log) and the whole way into the embedded engine.

  --rounds <n>           measured rounds, after one to warm up (default 7)
  --requests <n>         requests of 512 spans per piece of work and round (default 100)
  --latency-seconds <n>  how long acks are timed at half load (default 20)
  --record               write the results to docs/benchmarks/collector.json too
  --assert               exit 1 when a goal is missed
  --profile <dir>        leave V8 profiles of the receiving processes there
  --full-load <minutes>  nothing of that: the whole way at full load, with the collector's memory and event loop looked at
  --restart <GiB>        nothing of that: how long a restart takes with so much log, of small and of large records
  --help
`

const ROUNDS_MAX = 1_000
const REQUESTS_MAX = 10_000
const LATENCY_SECONDS_MAX = 3_600
const FULL_LOAD_MINUTES_MAX = 24 * 60
const RESTART_GIB_MAX = 1_024

/** Undefined: help was asked for. Fails with `E_NUMBER`, or with what `parseArgs` says of an unknown flag. */
export const parseBenchOptions = (args: readonly string[]): BenchOptions | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '7' },
      requests: { type: 'string', default: '100' },
      'latency-seconds': { type: 'string', default: '20' },
      record: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      profile: { type: 'string' },
      'full-load': { type: 'string' },
      restart: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { restart, 'full-load': fullLoad } = values
  return {
    rounds: wholeNumber('--rounds', values.rounds, 1, ROUNDS_MAX),
    requests: wholeNumber('--requests', values.requests, 1, REQUESTS_MAX),
    latencySeconds: wholeNumber('--latency-seconds', values['latency-seconds'], 1, LATENCY_SECONDS_MAX),
    record: values.record,
    assert: values.assert,
    profileDirectory: values.profile,
    fullLoadMinutes:
      fullLoad === undefined ? undefined : wholeNumber('--full-load', fullLoad, 1, FULL_LOAD_MINUTES_MAX),
    restartGib: restart === undefined ? undefined : wholeNumber('--restart', restart, 1, RESTART_GIB_MAX),
  }
}
