/**
 * `npm run bench:instrumentation`: what a wrapped call costs, beside the other maker's instrumentation of the same SDK, on the
 * same stub in the same run. Writes docs/benchmarks/instrumentation.json with `--write`; exits with 1 where a goal is missed.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMachine } from '../../bench/shared/machine.ts'
import { renderTable } from '../../bench/shared/render-table.ts'
import { type ChildResult, type Variant, VARIANTS } from './variants.ts'

/** Each round starts every variant anew, one after the other, so that a busy minute hits them alike. */
const ROUNDS = 3
const OVERHEAD_US_MAX = 10
const SHARE_OF_TRACELOOP_MAX = 0.5
const HEAP_BYTES_MAX = 5 * 1024

const runChild = async (variant: Variant): Promise<ChildResult> => {
  const child = fork(join(import.meta.dirname, 'child.ts'), [variant], { execArgv: ['--expose-gc'] })
  let result: ChildResult | undefined
  child.on('message', (message) => (result = message as ChildResult))
  const [code] = (await once(child, 'close')) as [number | null]
  if (result === undefined) throw new Error(`${variant} ended with ${code}`)
  return result
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const rounded = (value: number): number => Math.round(value * 10) / 10

const machine = describeMachine()
const rounds: Record<Variant, ChildResult>[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  const results: [Variant, ChildResult][] = []
  for (const variant of VARIANTS) results.push([variant, await runChild(variant)])
  rounds.push(Object.fromEntries(results) as Record<Variant, ChildResult>)
}

/** Overheads are taken within a round: its processes ran beside each other in time. */
const variants = VARIANTS.map((variant) => ({
  variant,
  callMicroseconds: rounded(median(rounds.map((round) => round[variant].callMicroseconds))),
  overheadMicroseconds: rounded(
    median(rounds.map((round) => round[variant].callMicroseconds - round.plain.callMicroseconds)),
  ),
  heapBytesInFlight: Math.round(median(rounds.map((round) => round[variant].heapBytes - round.plain.heapBytes))),
}))
const of = (variant: Variant) => variants[VARIANTS.indexOf(variant)]
const own = of('outlay')
const overhead = own?.overheadMicroseconds ?? Number.NaN
const share = overhead / (of('traceloop without content')?.overheadMicroseconds ?? Number.NaN)
const goals = [
  { goal: `overhead ≤ ${OVERHEAD_US_MAX} µs`, got: overhead, met: overhead <= OVERHEAD_US_MAX },
  {
    goal: `≤ ${SHARE_OF_TRACELOOP_MAX} of traceloop without content`,
    got: rounded(share * 10) / 10,
    // Noise that makes the other one cheaper than nothing proves nothing.
    met: share > 0 && share <= SHARE_OF_TRACELOOP_MAX,
  },
  {
    goal: `heap in flight < ${HEAP_BYTES_MAX} bytes`,
    got: own?.heapBytesInFlight,
    met: (own?.heapBytesInFlight ?? Number.NaN) < HEAP_BYTES_MAX,
  },
]

process.stdout.write(
  `${renderTable([
    ['variant', 'call, µs', 'overhead, µs', 'heap in flight, bytes'],
    ...variants.map((row) => [
      row.variant,
      row.callMicroseconds.toFixed(1),
      row.overheadMicroseconds.toFixed(1),
      String(row.heapBytesInFlight),
    ]),
  ])}\n\n${goals.map(({ goal, got, met }) => `${met ? 'met   ' : 'missed'}  ${goal}: ${got}`).join('\n')}\n`,
)
if (process.argv.includes('--write')) {
  const report = { machine, loadAfter: describeMachine().load, rounds: ROUNDS, variants, goals }
  const file = join(import.meta.dirname, '../../../docs/benchmarks/instrumentation.json')
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)
}
process.exitCode = goals.every(({ met }) => met) ? 0 : 1
