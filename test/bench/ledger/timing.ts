/** Figures of repeated measurements. */
import { readCpuMs } from './engine-cpu.ts'

const MS_PER_SECOND = 1_000

export const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1, middle + 1)
  return (low + high) / 2
}

export interface Timing {
  /** Median of the runs in milliseconds, as the caller waits. */
  readonly ms: number
  /** Mean CPU time of the engine per run in milliseconds; absent where the system does not tell. A single run is known to 10 ms. */
  readonly cpuMs?: number
  readonly runsMs: readonly number[]
}

interface Run {
  readonly ms: number
  readonly cpuMs: number
}

const runOnce = async (work: () => Promise<unknown>, enginePid: number): Promise<Run> => {
  const cpuBefore = readCpuMs(enginePid)
  const startedAt = performance.now()
  await work()
  const ms = performance.now() - startedAt
  return { ms, cpuMs: (readCpuMs(enginePid) ?? Number.NaN) - (cpuBefore ?? Number.NaN) }
}

const timingOf = (runs: readonly Run[]): Timing => {
  const runsMs = runs.map(({ ms }) => ms)
  const cpuMs = runs.reduce((sum, run) => sum + run.cpuMs, 0) / runs.length
  return { ms: medianOf(runsMs), ...(Number.isNaN(cpuMs) ? {} : { cpuMs }), runsMs }
}

/** Works to compare, by name. Each runs once unmeasured, then all run in turn, so that what else the machine does falls on all alike. */
export const timeSideBySide = async <Name extends string>(
  works: Readonly<Record<Name, () => Promise<unknown>>>,
  { repetitions, enginePid }: { readonly repetitions: number; readonly enginePid: number },
): Promise<Record<Name, Timing>> => {
  const names = Object.keys(works) as Name[]
  const runs = new Map<Name, Run[]>(names.map((name) => [name, []]))
  for (const name of names) await works[name]()
  for (let run = 0; run < repetitions; run += 1) {
    for (const [name, done] of runs) done.push(await runOnce(works[name], enginePid))
  }
  return Object.fromEntries(names.map((name) => [name, timingOf(runs.get(name) ?? [])])) as Record<Name, Timing>
}

export const toSeconds = (milliseconds: number): number => milliseconds / MS_PER_SECOND
