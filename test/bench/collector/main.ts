/** `npm run bench:collector`: how fast are spans received, and how fast do they reach the ledger? See README.md beside this file. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempDir } from '@outlay/testkit'
import { prepareGoPrograms } from '../../clients-go/go-programs.ts'
import { medianOf } from '../ledger/timing.ts'
import { shuffled } from '../normalize/measure.ts'
import { describeMachine } from '../shared/machine.ts'
import { optionsOrExit } from '../shared/options.ts'
import { type Child, startChild } from './child.ts'
import { startEndToEnd } from './end-to-end.ts'
import { type BenchEngine, startBenchEngine } from './engine.ts'
import { runFullLoad } from './full-load.ts'
import { type Latency, missedGoals } from './goals.ts'
import { watchMemory } from './memory.ts'
import type { BaselineQuestion, Decoded, SenderQuestion } from './messages.ts'
import { type BenchOptions, parseBenchOptions, USAGE } from './options.ts'
import { type Receiving, startReceiving } from './receiving.ts'
import { type BenchReport, renderReport } from './report.ts'
import { runRestart } from './restart.ts'
import { type Rate, rateOf, type Sample } from './sample.ts'
import { startStock, type Stock, type StockWay, stockName } from './stock.ts'
import { END_TO_END, RECEIVED, STANDARD } from './work.ts'

const ROOT = join(import.meta.dirname, '../../..')
const RESULTS = join(ROOT, '.tmp/bench')
const RECORD = join(ROOT, 'docs/benchmarks/collector.json')
const FAILED = 1
const BASELINE = 'protobufjs decodes the same bytes'
const STOCK_WAYS: readonly StockWay[] = ['nop', 'clickhouse', 'durable']

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

interface Work {
  readonly name: string
  run(): Promise<Sample>
}

const baselineWork = (baseline: Child<BaselineQuestion>, requests: number): Work => ({
  name: BASELINE,
  run: async () => (await baseline.ask({ ask: 'decode', sending: STANDARD, requests })) as Decoded,
})

const runRounds = async (
  works: readonly Work[],
  rounds: number,
  afterRound: (round: number) => void,
): Promise<ReadonlyMap<string, readonly Sample[]>> => {
  const samples = new Map<string, Sample[]>(works.map(({ name }) => [name, []]))
  // The first one warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const work of shuffled(works, round + 1)) {
      const sample = await work.run()
      if (round > 0) samples.get(work.name)?.push(sample)
    }
    afterRound(round)
    say(`round ${round} of ${rounds}, load ${describeMachine().load.join(' ')}`)
  }
  return samples
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const measureLatency = async (receiving: Receiving, spansPerSecond: number, seconds: number): Promise<Latency> => {
  const requestsPerSecond = spansPerSecond / STANDARD.spansPerRequest
  const latencies = await receiving.pace(STANDARD, requestsPerSecond, seconds)
  const sorted = latencies.toSorted((a, b) => a - b)
  return {
    requestsPerSecond,
    spansPerSecond,
    requests: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    worstMs: sorted.at(-1) ?? Number.NaN,
  }
}

interface Peers {
  readonly collectors: readonly Stock[]
  /** Why there are none, if so. */
  readonly missing: string | undefined
}

interface PeerSettings {
  readonly sender: Child<SenderQuestion>
  readonly engine: BenchEngine
  readonly directory: string
  readonly nextSalt: (requests: number) => number
}

const startPeers = async (settings: PeerSettings): Promise<Peers> => {
  say('building the stock Collector, where that was not done before')
  const programs = await prepareGoPrograms()
  if ('missing' in programs) {
    return { collectors: [], missing: `no stock Collector is compared: this machine lacks ${programs.missing}` }
  }
  const binary = programs.paths['stock-collector']
  const collectors: Stock[] = []
  for (const way of STOCK_WAYS) {
    const directory = join(settings.directory, `stock-${way}`)
    collectors.push(await startStock({ ...settings, directory, binary, way }))
  }
  return { collectors, missing: undefined }
}

const measure = async (options: BenchOptions, directory: string): Promise<BenchReport> => {
  const machine = describeMachine()
  const { rounds, requests, latencySeconds, profileDirectory } = options
  const execArgv = profileDirectory === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDirectory]
  let salt = 1
  const nextSalt = (count: number): number => {
    salt += count
    return salt - count
  }
  const sender = await startChild<SenderQuestion>('sender.ts')
  const baseline = await startChild<BaselineQuestion>('baseline.ts')
  const receiving = await startReceiving({ sender, directory: `${directory}/log`, execArgv, nextSalt })
  const engine = await startBenchEngine(directory)
  const endToEnd = await startEndToEnd({ sender, engine, directory, execArgv, nextSalt })
  const peers = await startPeers({ sender, engine, directory, nextSalt })
  const watches = [receiving.pid, endToEnd.pid].map(watchMemory)
  const memory: { receiverMib: number[]; collectorMib: number[] } = { receiverMib: [], collectorMib: [] }
  try {
    const works: readonly Work[] = [
      ...RECEIVED.map((sending) => ({ name: sending.name, run: () => receiving.measure(sending, requests) })),
      baselineWork(baseline, requests),
      { name: END_TO_END.name, run: () => endToEnd.measure(2 * requests) },
      ...peers.collectors.map((collector) => ({ name: collector.name, run: () => collector.measure(2 * requests) })),
    ]
    const samples = await runRounds(works, rounds, (round) => {
      const [receiver = Number.NaN, collector = Number.NaN] = watches.map((watch) => watch.look())
      if (round === 0) return
      memory.receiverMib.push(receiver)
      memory.collectorMib.push(collector)
    })
    const rate = (name: string): Rate => rateOf(name, samples.get(name) ?? [])
    const stock = (way: StockWay): Rate | undefined => (peers.missing === undefined ? rate(stockName(way)) : undefined)
    const standard = rate(STANDARD.name)
    const wallRates = (samples.get(STANDARD.name) ?? []).map(({ spans, wallMs }) => (spans / wallMs) * 1_000)
    const latency = await measureLatency(receiving, medianOf(wallRates) / 2, latencySeconds)
    const difference = await receiving.difference()
    return {
      machine,
      loadAfter: describeMachine().load,
      rounds,
      received: RECEIVED.map(({ name }) => rate(name)),
      standard,
      baseline: rate(BASELINE),
      endToEnd: rate(END_TO_END.name),
      latency,
      memory,
      differences: difference === undefined ? [] : [difference],
      stock: { nop: stock('nop'), clickhouse: stock('clickhouse'), durable: stock('durable') },
      missingPeers: peers.missing,
      loggedMib: await receiving.loggedMib(),
    }
  } finally {
    for (const watch of watches) watch.stop()
    await receiving.close()
    for (const collector of peers.collectors) await collector.close()
    await endToEnd.close()
    await engine.close()
    await baseline.end()
    await sender.end()
  }
}

const writeResults = (report: BenchReport, { record }: BenchOptions): readonly string[] => {
  const text = `${JSON.stringify({ ...report, missed: missedGoals(report) }, undefined, 2)}\n`
  const files = [join(RESULTS, `collector-${report.machine.at.replaceAll(':', '-')}.json`), ...(record ? [RECORD] : [])]
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return files
}

const benchmark = async (options: BenchOptions, directory: string): Promise<boolean> => {
  const report = await measure(options, directory)
  const files = writeResults(report, options)
  process.stdout.write(`${renderReport(report)}\n${files.join('\n')}\n`)
  return report.differences.length === 0 && !(options.assert && missedGoals(report).length > 0)
}

/** Resolves with whether all is as it should be. */
const run = async (options: BenchOptions, directory: string): Promise<boolean> => {
  const { fullLoadMinutes: minutes, restartGib: gib } = options
  if (minutes !== undefined) return (await runFullLoad({ minutes, directory, say })).length === 0
  if (gib !== undefined) return (await runRestart({ gib, directory, say })).length === 0
  return benchmark(options, directory)
}

const options = optionsOrExit(parseBenchOptions, USAGE)
const directory = tempDir('outlay-bench-')
try {
  process.exitCode = (await run(options, directory.path)) ? 0 : FAILED
} finally {
  directory.remove()
}
