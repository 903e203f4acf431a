/** Raw usage object → counters and units, by the paths of its shape. */
import type { Meter, MeterQuantities } from '@outlay/core'
import { parseCount, textOf } from './attribute-values.ts'
import { type Counter, type Counters, newCounters } from './counters.ts'
import type { QualityFlag } from './flags.ts'
import { type FlatUsage, flattenUsage } from './flatten-usage.ts'
import type { ModalityList, RawShape } from './raw-shape.ts'
import { RAW_SHAPES } from './raw-shapes.ts'

export interface RawCounters {
  readonly counters: Counters
  readonly units: MeterQuantities
  readonly flags: readonly QualityFlag[]
}

const LIST_ENTRIES_MAX = 64
const TTL_COUNTERS: ReadonlyMap<string, Counter> = new Map([
  ['5m', 'write5m'],
  ['30m', 'write30m'],
  ['1h', 'write1h'],
  ['12h', 'write12h'],
])

/** First usable count among `paths`. */
const countAt = (usage: FlatUsage, paths: readonly string[], flags: QualityFlag[]): number | undefined => {
  for (const path of paths) {
    const count = parseCount(usage.get(path))
    if (count === 'bad') flags.push('bad_number')
    else if (count !== undefined) return count
  }
  return undefined
}

const entriesAt = (usage: FlatUsage, path: string): FlatUsage[] => {
  const list = usage.get(path)
  if (!Array.isArray(list)) return []
  return list.slice(0, LIST_ENTRIES_MAX).flatMap((entry) => flattenUsage(entry) ?? [])
}

const addModalities = (usage: FlatUsage, list: ModalityList, counters: Counters, flags: QualityFlag[]): void => {
  const entries = list.paths.flatMap((path) => entriesAt(usage, path))
  if (entries.length === 0) return
  // The list was reported, so a modality that it does not name is zero, not unknown.
  for (const counter of list.counters.values()) counters[counter] ??= 0
  for (const entry of entries) {
    const modality = textOf(entry.get('modality')).toUpperCase()
    const count = countAt(entry, ['token_count'], flags) ?? 0
    const counter = list.counters.get(modality)
    if (counter !== undefined) counters[counter] = (counters[counter] ?? 0) + count
    else if (count > 0 && modality !== 'TEXT') flags.push('modality_folded')
  }
}

const addTtlList = (usage: FlatUsage, path: string, counters: Counters, flags: QualityFlag[]): void => {
  for (const entry of entriesAt(usage, path)) {
    const counter = TTL_COUNTERS.get(textOf(entry.get('ttl')).toLowerCase())
    const count = countAt(entry, ['input_tokens'], flags)
    if (counter !== undefined && count !== undefined) counters[counter] = (counters[counter] ?? 0) + count
  }
}

const addOutputList = (
  usage: FlatUsage,
  { path, count }: NonNullable<RawShape['outputList']>,
  counters: Counters,
  flags: QualityFlag[],
): void => {
  for (const entry of entriesAt(usage, path)) {
    const tokens = countAt(entry, [count], flags)
    if (tokens !== undefined) counters.output = (counters.output ?? 0) + tokens
  }
}

/** What a shape lists, as pairs to walk over. */
interface ShapePaths {
  readonly counters: readonly { readonly counter: Counter; readonly paths: readonly string[] }[]
  readonly units: readonly { readonly meter: Meter; readonly paths: readonly string[] }[]
}

const pathsOf = ({ counters, units = {} }: RawShape): ShapePaths => ({
  counters: Object.entries(counters).map(([counter, paths]) => ({ counter: counter as Counter, paths })),
  units: Object.entries(units).map(([meter, paths]) => ({ meter: meter as Meter, paths })),
})

const PATHS: ReadonlyMap<RawShape, ShapePaths> = new Map(RAW_SHAPES.map((shape) => [shape, pathsOf(shape)]))

export const readRawCounters = (usage: FlatUsage, shape: RawShape): RawCounters => {
  const counters = newCounters()
  const flags: QualityFlag[] = []
  const listed = PATHS.get(shape) ?? pathsOf(shape)
  for (const { counter, paths } of listed.counters) counters[counter] = countAt(usage, paths, flags)
  for (const list of shape.modalities ?? []) addModalities(usage, list, counters, flags)
  if (shape.ttlListPath !== undefined) addTtlList(usage, shape.ttlListPath, counters, flags)
  if (shape.outputList !== undefined) addOutputList(usage, shape.outputList, counters, flags)
  const units: { [meter in Meter]?: number } = {}
  for (const { meter, paths } of listed.units) {
    const count = countAt(usage, paths, flags)
    if (count !== undefined) units[meter] = count
  }
  if ((shape.unmapped ?? []).some((path) => (parseCount(usage.get(path)) || 0) !== 0)) flags.push('unmapped_unit')
  return { counters, units, flags }
}
