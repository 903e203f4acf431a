/**
 * `npm run test:fuzz`: more than a million mutated trace requests against the receive path. Each is answered in time and never with
 * a fault of ours; what is taken decodes and holds no content; memory stays flat, also over a million attribute names.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { createCases } from '../../packages/collector/test/fuzz/cases.ts'
import { readCorpus } from '../../packages/collector/test/fuzz/corpus.ts'
import { createJudge } from '../../packages/collector/test/fuzz/judge.ts'
import { ALLOCATOR_ENVIRONMENT, NODE_FLAGS } from '../../scripts/node-memory.mjs'
import { describeMachine } from '../bench/shared/machine.ts'
import { optionsOrExit } from '../bench/shared/options.ts'
import type { Progress, Share } from './messages.ts'
import { NAMES_PER_REQUEST } from './named-request.ts'
import { parseFuzzOptions, USAGE } from './options.ts'

const SEEDS = 1_000_000
/** One body, with everything that the machine does beside it: exporters give up after that time. */
const BODY_MS_MAX = 10_000
/** A part that is silent for longer hangs. */
const SILENT_MS_MAX = 60_000
/**
 * Growth after full collections between the first half of a run and its end. Caches fill, and rare large bodies leave the
 * allocator's arenas larger; a leak goes on.
 */
const HEAP_GROWTH_MIB_MAX = 24
const RSS_GROWTH_MIB_MAX = 96
const FAILED = 1

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

interface PartResult {
  readonly last: Progress | undefined
  readonly problems: readonly string[]
}

const mib = (value: number): string => `${value.toFixed(0)} MiB`

const describe = (name: string, { judged, counts, heapMib, rssMib, slowestMs, slowest }: Progress): string => {
  const outcomes = Object.entries(counts).map(([outcome, count]) => `${outcome} ${count}`)
  return `${name}: ${judged} bodies · ${outcomes.join(', ')} · heap ${mib(heapMib)}, rss ${mib(rssMib)} · slowest ${slowestMs.toFixed(0)} ms (#${slowest})`
}

const memoryProblems = (reports: readonly Progress[]): string[] => {
  const last = reports.at(-1)
  const early = reports.find(({ judged }) => judged >= (last?.judged ?? 0) / 2)
  if (last === undefined || early === undefined) return []
  const heap = last.heapMib - early.heapMib
  const rss = last.rssMib - early.rssMib
  return [
    ...(heap > HEAP_GROWTH_MIB_MAX ? [`heap grew by ${mib(heap)}, more than ${mib(HEAP_GROWTH_MIB_MAX)}`] : []),
    ...(rss > RSS_GROWTH_MIB_MAX ? [`rss grew by ${mib(rss)}, more than ${mib(RSS_GROWTH_MIB_MAX)}`] : []),
  ]
}

const runPart = async (name: string, share: Share): Promise<PartResult> => {
  // With the memory of a collector that `outlay up` starts.
  const child = fork(`${import.meta.dirname}/part.ts`, [JSON.stringify(share)], {
    execArgv: ['--expose-gc', ...NODE_FLAGS],
    env: { ...process.env, ...ALLOCATOR_ENVIRONMENT },
  })
  const reports: Progress[] = []
  let hangs = false
  const watch = setTimeout(() => {
    hangs = true
    child.kill('SIGKILL')
  }, SILENT_MS_MAX)
  child.on('message', (message: Progress) => {
    watch.refresh()
    reports.push(message)
    say(describe(name, message))
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(watch)
  const last = reports.at(-1)
  const slow = (last?.slowestMs ?? 0) > BODY_MS_MAX ? [`#${last?.slowest} took ${last?.slowestMs.toFixed(0)} ms`] : []
  const problems = [
    ...(hangs ? [`hangs after ${last?.judged ?? 0} bodies`] : []),
    ...(code === 0 ? [] : [`ended with ${code ?? signal} after ${last?.judged ?? 0} bodies`]),
    ...(last?.type === 'done' ? [] : ['did not finish']),
    ...(last?.failures ?? []).map(({ index, what }) => `#${index}: ${what}`),
    ...slow,
    ...memoryProblems(reports),
  ]
  return { last, problems: problems.map((problem) => `${name}: ${problem}`) }
}

const judgeOne = async (seed: number, index: number): Promise<number> => {
  const one = createCases(seed, readCorpus()).at(index)
  say(`#${index}: ${one.encoding}, ${one.contentEncoding}, ${one.mutations.join(' + ')}, ${one.wire.length} bytes`)
  say(one.wire.toString(one.encoding === 'json' && one.contentEncoding === 'identity' ? 'utf8' : 'hex'))
  say(await createJudge().judge(one))
  return 0
}

const { seed, bodies, sent, names, processes, only } = optionsOrExit(
  (args) => parseFuzzOptions(args, randomInt(SEEDS)),
  USAGE,
)

const run = async (): Promise<number> => {
  const { cores, load, node } = describeMachine()
  const { cuts } = createCases(seed, readCorpus())
  say(
    `seed ${seed} · ${bodies} bodies, ${Math.min(cuts, bodies)} of them cuts of whole ones, ${sent} over sockets; ${names} attribute names`,
  )
  say(`${cores} cores, load ${load.join(' ')}, node ${node}`)
  const startedMs = performance.now()
  const judges = Array.from({ length: processes }, (_, first) =>
    runPart(`judge ${first + 1}`, { part: 'judge', seed, first, step: processes, end: bodies }),
  )
  const results = await Promise.all(judges)
  // Sent bodies are mutated ones: cuts are many and alike.
  if (sent > 0) {
    results.push(await runPart('sockets', { part: 'send', seed, first: cuts, step: 1, end: cuts + sent }))
  }
  if (names > 0) {
    const end = Math.ceil(names / NAMES_PER_REQUEST)
    results.push(await runPart('names', { part: 'names', seed, first: 0, step: 1, end }))
  }
  const problems = results.flatMap((result) => result.problems)
  const judged = results.reduce((sum, { last }) => sum + (last?.judged ?? 0), 0)
  say(
    `${judged} bodies in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s, seed ${seed}, load ${describeMachine().load.join(' ')}`,
  )
  say(problems.length === 0 ? 'Every body was answered as it should be.' : problems.join('\n'))
  if (problems.length > 0) say(`One of them alone: npm run test:fuzz -- --seed ${seed} --only <#>`)
  return problems.length === 0 ? 0 : FAILED
}

process.exitCode = only === undefined ? await run() : await judgeOne(seed, only)
