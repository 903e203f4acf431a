/** The faults of a soak, by name. Each leaves everything running and the gate open when it resolves. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../../packages/collector/test/fuzz/random.ts'
import type { GateMode } from '../harness/database-gate.ts'
import { damageTail } from './damage-tail.ts'
import type { Stage } from './stage.ts'

export interface FaultContext {
  readonly stage: Stage
  readonly random: Random
  readonly count: (what: string) => void
}

type Fault = (context: FaultContext) => Promise<void>

const killCollector: Fault = async ({ stage, random, count }) => {
  await stage.killCollector()
  count('collector killed')
  await delay(random.below(500))
  if (random.chance(2)) {
    const damage = await damageTail(stage.walDirectory, random)
    if (damage !== undefined) count(`tail of the log: ${damage}`)
  }
  await stage.startCollector()
}

const stopCollector: Fault = async ({ stage, count }) => {
  const code = await stage.stopCollector()
  count(code === 0 ? 'collector stopped' : `collector stopped with exit code ${code}`)
  await stage.startCollector()
}

const killEngine: Fault = async ({ stage, count }) => {
  await stage.killEngine()
  count('engine killed')
}

/** The collector may die meanwhile, with units in doubt. */
const gateIn =
  (mode: GateMode, killing: 'may kill' | 'spares' = 'may kill'): Fault =>
  async (context) => {
    const { stage, random, count } = context
    stage.gate.mode = mode
    count(`gate ${mode}`)
    await delay(random.between(300, 4_000))
    if (killing === 'may kill' && random.chance(3)) await killCollector(context)
    stage.gate.mode = 'open'
  }

const fillDisk: Fault = async ({ stage, random, count }) => {
  if (stage.disk === undefined) return
  await stage.disk.fill()
  count('disk full')
  await delay(random.between(500, 3_000))
  stage.disk.empty()
}

/** A kill of the collector is the most likely. */
export const FAULTS: readonly Fault[] = [
  killCollector,
  killCollector,
  stopCollector,
  killEngine,
  gateIn('closed'),
  gateIn('slow'),
  gateIn('black_hole'),
  gateIn('loses_answers'),
  fillDisk,
]

/** What a collector lives through: its memory over a long time is of one process. */
export const FAULTS_AROUND_COLLECTOR: readonly Fault[] = [
  killEngine,
  gateIn('closed', 'spares'),
  gateIn('slow', 'spares'),
  gateIn('black_hole', 'spares'),
  gateIn('loses_answers', 'spares'),
  fillDisk,
]
