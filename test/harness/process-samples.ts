/** What a process said of its memory and its event loop over a run (`sample-process.ts`): as a table, and judged. */
import { existsSync, readFileSync } from 'node:fs'
import { renderTable } from '../bench/shared/render-table.ts'

export interface ProcessSample {
  /** A successor of a process that was killed has another one. */
  readonly pid: number
  readonly atMs: number
  readonly rssMib: number
  readonly heapMib: number
  /** With buffers. */
  readonly externalMib: number
  readonly buffersMib: number
  /** Timers of 10 ms since the last sample. */
  readonly ticks: number
  /** How late they were, where that is worth a word. */
  readonly lagsMs: readonly number[]
}

/** Event loop: the goal of the specification (collector §14, T7). */
const LAG_P99_MS_MAX = 50
/** Of medians, the last third of a run against the one before it. */
const GROWTH_MAX = 1.2
const THIRDS = 3
/** Fewer say nothing about growth. */
const SAMPLES_MIN = 30

/** Flags of Node with which a process leaves its samples in a file. */
export const samplingFlags = (file: string): readonly string[] => {
  const module = new URL('sample-process.ts', import.meta.url)
  module.searchParams.set('file', file)
  return ['--import', module.href]
}

/** What several processes left in one file, one after the other. The last line of one that was killed may be cut. */
export const readSamples = (file: string): readonly ProcessSample[] => {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as ProcessSample]
      } catch {
        return []
      }
    })
}

type Size = 'rssMib' | 'heapMib' | 'externalMib' | 'buffersMib'

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const thirdsOf = (samples: readonly ProcessSample[]): readonly (readonly ProcessSample[])[] =>
  Array.from({ length: THIRDS }, (_, third) =>
    samples.slice((third * samples.length) / THIRDS, ((third + 1) * samples.length) / THIRDS),
  )

/** Milliseconds below which that share of all timers was late; those too early to be listed count as 0. */
const lagAt = (samples: readonly ProcessSample[], share: number): number => {
  const late = samples.flatMap(({ lagsMs }) => lagsMs).toSorted((a, b) => b - a)
  const ticks = samples.reduce((sum, sample) => sum + sample.ticks, 0)
  return late[Math.floor(ticks * (1 - share))] ?? 0
}

/** Medians of each third of the run and the largest of all. */
export const renderSamples = (samples: readonly ProcessSample[]): string => {
  const thirds = thirdsOf(samples)
  const row = (
    name: string,
    of: (some: readonly ProcessSample[]) => number,
    whole: (all: readonly ProcessSample[]) => number,
  ): string[] => [name, ...[...thirds.map(of), whole(samples)].map((value) => value.toFixed(0))]
  const size = (name: string, key: Size): string[] =>
    row(
      name,
      (some) => medianOf(some.map((sample) => sample[key])),
      (all) => Math.max(...all.map((sample) => sample[key])),
    )
  const lag = (name: string, share: number): string[] =>
    row(
      name,
      (some) => lagAt(some, share),
      (all) => lagAt(all, share),
    )
  const processes = new Set(samples.map(({ pid }) => pid)).size
  return [
    renderTable([
      ['collector process', '1st third', '2nd third', '3rd third', 'whole run'],
      size('RSS, MiB (median; largest)', 'rssMib'),
      size('heap used, MiB', 'heapMib'),
      size('external, MiB', 'externalMib'),
      size('of it buffers, MiB', 'buffersMib'),
      lag('event loop late, p50, ms', 0.5),
      lag('event loop late, p99, ms', 0.99),
      lag('event loop late, p99.9, ms', 0.999),
    ]),
    `${samples.length} samples, one a second, of ${processes} ${processes === 1 ? 'process' : 'processes'} after its start`,
  ].join('\n')
}

/** What is not as it should be, one line each. */
export const judgeSamples = (samples: readonly ProcessSample[], rssMibMax: number): readonly string[] => {
  if (samples.length < SAMPLES_MIN)
    return [`only ${samples.length} samples of the collector's memory: too few to judge`]
  const [, second = [], last = []] = thirdsOf(samples)
  const growth = (key: Size): number =>
    medianOf(last.map((sample) => sample[key])) / medianOf(second.map((sample) => sample[key]))
  const grown = (['rssMib', 'heapMib', 'externalMib'] as const).filter((key) => growth(key) > GROWTH_MAX)
  const most = Math.max(...samples.map(({ rssMib }) => rssMib))
  const lagMs = lagAt(samples, 0.99)
  return [
    ...grown.map((key) => `${key} grew ${growth(key).toFixed(2)}× from the second third of the run to the last`),
    ...(most > rssMibMax ? [`the collector took ${most.toFixed(0)} MiB, more than ${rssMibMax}`] : []),
    ...(lagMs > LAG_P99_MS_MAX ? [`its event loop was ${lagMs} ms late at p99, more than ${LAG_P99_MS_MAX}`] : []),
  ]
}
