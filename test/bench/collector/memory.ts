/** Resident memory of a process over a run, read from outside. */
import { readFileSync } from 'node:fs'

const SAMPLE_MS = 250
const KIB_PER_MIB = 1_024

/** Undefined where there is no /proc, or no such process any more. */
const readRssMib = (pid: number): number | undefined => {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? undefined : Number(kib) / KIB_PER_MIB
  } catch {
    return undefined
  }
}

export interface MemoryWatch {
  /** Largest since the last look, in MiB; NaN where the system does not tell. */
  look(): number
  stop(): void
}

export const watchMemory = (pid: number): MemoryWatch => {
  let most = Number.NaN
  const sample = (): void => {
    const rss = readRssMib(pid)
    if (rss !== undefined) most = Number.isNaN(most) ? rss : Math.max(most, rss)
  }
  const timer = setInterval(sample, SAMPLE_MS)
  return {
    look: () => {
      sample()
      const seen = most
      most = Number.NaN
      return seen
    },
    stop: () => clearInterval(timer),
  }
}
