/** One soak: load and faults for a while, then recovery, then the books. */
import { setTimeout as delay } from 'node:timers/promises'
import { Random } from '../../packages/collector/test/fuzz/random.ts'
import type { Books } from './books.ts'
import { FAULTS, FAULTS_AROUND_COLLECTOR } from './faults.ts'
import { setStage } from './stage.ts'
import { untilBalanced } from './until-balanced.ts'

export interface SoakSummary extends Books {
  readonly seed: number
  readonly faults: Readonly<Record<string, number>>
  /** Why the disk was never full; empty where it was. */
  readonly noDiskBecause: string
}

interface SoakSettings {
  readonly milliseconds: number
  readonly seed: number
  readonly say: (line: string) => void
  /** The collector is never ended by a fault. */
  readonly sparesCollector?: boolean
  /** Flags of Node for the collector. */
  readonly execArgv?: readonly string[]
}

const SAY_EVERY_MS = 30_000

export const runSoak = async ({
  milliseconds,
  seed,
  say,
  sparesCollector = false,
  execArgv = [],
}: SoakSettings): Promise<SoakSummary> => {
  const possible = sparesCollector ? FAULTS_AROUND_COLLECTOR : FAULTS
  const stage = await setStage({ seed, execArgv })
  const random = new Random(seed)
  const faults: Record<string, number> = {}
  const count = (what: string): void => {
    faults[what] = (faults[what] ?? 0) + 1
  }
  try {
    await stage.startCollector()
    const startedMs = performance.now()
    let saidMs = startedMs
    while (performance.now() - startedMs < milliseconds) {
      await delay(random.between(200, 2_000))
      await random.pick(possible)({ stage, random, count })
      if (performance.now() - saidMs < SAY_EVERY_MS) continue
      saidMs = performance.now()
      say(`${((saidMs - startedMs) / 1_000).toFixed(0)} s: ${listOf(faults)}`)
    }
    await stage.stopSenders()
    const books = await untilBalanced(stage)
    // One more start finds nothing to do.
    const code = await stage.stopCollector()
    await stage.startCollector()
    const again = await untilBalanced(stage)
    const differences = [
      ...books.differences,
      ...again.differences.map((difference) => `after one more start: ${difference}`),
      ...(code === 0 ? [] : [`the collector stopped with exit code ${code}`]),
      ...Object.keys(faults).filter((what) => what.includes('exit code')),
    ]
    return { ...again, differences, seed, faults, noDiskBecause: stage.noDiskBecause }
  } finally {
    await stage.close()
  }
}

export const listOf = (faults: Readonly<Record<string, number>>): string =>
  Object.entries(faults)
    .map(([what, times]) => `${what} ${times}`)
    .join(', ')
