/** Which provider's shape a usage object has: by host, then provider, then keys (spec: counters §5). */
import type { FlatUsage } from './flatten-usage.ts'
import { foldProvider, providerOfHost } from './providers.ts'
import type { RawShape, RawShapeId } from './raw-shape.ts'
import { RAW_SHAPES, SHAPES_BY_KEYS, SHAPES_OF_PROVIDER } from './raw-shapes.ts'

/** What is known about a usage object besides its keys. Any spelling; empty or absent = unknown. */
export interface RawUsageHint {
  /** `server.address` of the request. */
  readonly host?: string
  readonly provider?: string
  readonly model?: string
}

export interface RecognisedShape {
  readonly shape: RawShape
  /** Folded provider: the host's, else the reported one. Empty = unknown. */
  readonly provider: string
}

const SHAPES: ReadonlyMap<RawShapeId, RawShape> = new Map(RAW_SHAPES.map((shape) => [shape.id, shape]))

const shapesOf = (ids: readonly RawShapeId[]): readonly RawShape[] => ids.flatMap((id) => SHAPES.get(id) ?? [])

const PREFERRED: ReadonlyMap<string, readonly RawShape[]> = new Map(
  [...SHAPES_OF_PROVIDER].map(([provider, ids]) => [provider, shapesOf(ids)]),
)
const NONE_PREFERRED: readonly RawShape[] = []
const UNMARKED = shapesOf(SHAPES_BY_KEYS)

const hasAny = (usage: FlatUsage, paths: readonly string[]): boolean => {
  for (const path of paths) if (usage.has(path)) return true
  return false
}

const isReadableAs = (usage: FlatUsage, shape: RawShape): boolean =>
  hasAny(usage, shape.requires) && (shape.unless === undefined || !hasAny(usage, shape.unless))

const isMarkedAs = (usage: FlatUsage, shape: RawShape): boolean =>
  isReadableAs(usage, shape) && hasAny(usage, shape.marks)

/**
 * Keys that only one provider writes beat a wrong belief about who answered; ambiguous keys are read as the host's or
 * provider's shape. An object without an input count may still be recognised by its marks: it is then partial.
 */
export const recogniseRawShape = (usage: FlatUsage, hint: RawUsageHint): RecognisedShape | undefined => {
  const provider = providerOfHost(hint.host ?? '') || foldProvider(hint.provider ?? '')
  const preferred = PREFERRED.get(provider) ?? NONE_PREFERRED
  const shape =
    preferred.find((candidate) => isMarkedAs(usage, candidate)) ??
    RAW_SHAPES.find((candidate) => isMarkedAs(usage, candidate)) ??
    preferred.find((candidate) => isReadableAs(usage, candidate)) ??
    UNMARKED.find((candidate) => isReadableAs(usage, candidate)) ??
    preferred.find((candidate) => hasAny(usage, candidate.marks)) ??
    RAW_SHAPES.find((candidate) => hasAny(usage, candidate.marks))
  return shape === undefined ? undefined : { shape, provider }
}
