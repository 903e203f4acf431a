/** Where and when figures were taken: without it a millisecond says nothing. */
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os'

export interface Machine {
  readonly at: string
  readonly cores: number
  readonly processor: string
  readonly memoryGib: number
  readonly freeMemoryGib: number
  /** Load average of 1, 5 and 15 minutes when the run began. */
  readonly load: readonly number[]
  readonly node: string
}

const GIB = 1024 ** 3
const rounded = (value: number): number => Math.round(value * 100) / 100

export const describeMachine = (): Machine => ({
  at: new Date().toISOString(),
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGib: rounded(totalmem() / GIB),
  freeMemoryGib: rounded(freemem() / GIB),
  load: loadavg().map(rounded),
  node: process.version,
})
