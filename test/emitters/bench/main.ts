/**
 * `npm run bench:instrumentation`: what a wrapped call costs, answered at once and streamed, beside the other maker's
 * instrumentation of the same SDK, on the same stub in the same run. Writes docs/benchmarks/instrumentation.json with `--write`; exits with 1 where a goal is missed.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shuffled } from '../../bench/normalize/measure.ts'
import { describeMachine } from '../../bench/shared/machine.ts'
import { renderTable } from '../../bench/shared/render-table.ts'
import { type ChildAnswer, type ChildQuestion, CHUNKS_PER_STREAM, type Variant, VARIANTS } from './variants.ts'

/** In each the children measure one block of calls each, one after the other, so that a busy moment hits them alike. */
const ROUNDS = 60
const STREAM_ROUNDS = 20
/** Asked for and thrown away: nothing of a stream has run before. */
const STREAM_ROUNDS_WARM = 6
const OVERHEAD_US_MAX = 10
const SHARE_OF_TRACELOOP_MAX = 0.5
const HEAP_BYTES_MAX = 5 * 1024

const startChild = async (variant: Variant) => {
  const child = fork(join(import.meta.dirname, 'child.ts'), [variant], { execArgv: ['--expose-gc'] })
  child.once('exit', (code) => {
    if (code !== null && code !== 0) throw new Error(`${variant} ended with ${code}`)
  })
  await once(child, 'message')
  const spansExpected = variant === 'plain' ? 0 : 1
  return {
    variant,
    ask: async (question: ChildQuestion): Promise<number> => {
      child.send(question)
      const [answer] = (await once(child, 'message')) as [ChildAnswer]
      if (answer.spansPerCall !== spansExpected) {
        throw new Error(
          `${variant} made ${answer.spansPerCall} spans per call and not ${spansExpected}: it is not measured`,
        )
      }
      return answer.value
    },
    end: () => child.kill(),
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const rounded = (value: number): number => Math.round(value * 10) / 10

const machine = describeMachine()
const children = await Promise.all(VARIANTS.map(startChild))

const measure = async (question: ChildQuestion, rounds: number): Promise<ReadonlyMap<Variant, readonly number[]>> => {
  const blocks = new Map<Variant, number[]>(VARIANTS.map((variant) => [variant, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { variant, ask } of shuffled(children, round + 1)) blocks.get(variant)?.push(await ask(question))
  }
  return blocks
}

const blocks = await measure('block', ROUNDS)
const heap = new Map<Variant, number>()
for (const { variant, ask } of children) heap.set(variant, await ask('heap'))
await measure('streams', STREAM_ROUNDS_WARM)
const streams = await measure('streams', STREAM_ROUNDS)
for (const { end } of children) end()

const heapOf = (variant: Variant): number => heap.get(variant) ?? Number.NaN

const callIn = (measured: typeof blocks, variant: Variant): number => rounded(median(measured.get(variant) ?? []))

/** Within a round: its blocks ran beside each other in time. */
const overheadIn = (measured: typeof blocks, variant: Variant): number => {
  const plain = measured.get('plain') ?? []
  const above = (measured.get(variant) ?? []).map((block, round) => block - (plain[round] ?? Number.NaN))
  return rounded(median(above))
}

const variants = VARIANTS.map((variant) => ({
  variant,
  callMicroseconds: callIn(blocks, variant),
  overheadMicroseconds: overheadIn(blocks, variant),
  streamMicroseconds: callIn(streams, variant),
  streamOverheadMicroseconds: overheadIn(streams, variant),
  heapBytesInFlight: Math.round(heapOf(variant) - heapOf('plain')),
}))
const of = (variant: Variant) => variants[VARIANTS.indexOf(variant)]
const own = of('outlay')
const overhead = own?.overheadMicroseconds ?? Number.NaN
const share = overhead / (of('traceloop without content')?.overheadMicroseconds ?? Number.NaN)
const goals = [
  { goal: `overhead ≤ ${OVERHEAD_US_MAX} µs`, got: overhead, met: overhead <= OVERHEAD_US_MAX },
  {
    goal: `≤ ${SHARE_OF_TRACELOOP_MAX} of traceloop without content`,
    got: Math.round(share * 100) / 100,
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
    ['variant', 'call, µs', 'overhead, µs', `${CHUNKS_PER_STREAM} chunks, µs`, 'overhead, µs', 'heap in flight, bytes'],
    ...variants.map((row) => [
      row.variant,
      row.callMicroseconds.toFixed(1),
      row.overheadMicroseconds.toFixed(1),
      row.streamMicroseconds.toFixed(1),
      row.streamOverheadMicroseconds.toFixed(1),
      String(row.heapBytesInFlight),
    ]),
  ])}\n\n${goals.map(({ goal, got, met }) => `${met ? 'met   ' : 'missed'}  ${goal}: ${got}`).join('\n')}\n`,
)
if (process.argv.includes('--write')) {
  const report = {
    machine,
    loadAfter: describeMachine().load,
    rounds: ROUNDS,
    streamRounds: STREAM_ROUNDS,
    variants,
    goals,
  }
  const file = join(import.meta.dirname, '../../../docs/benchmarks/instrumentation.json')
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)
}
process.exitCode = goals.every(({ met }) => met) ? 0 : 1
