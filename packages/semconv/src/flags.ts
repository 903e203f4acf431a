/** Quality flags of a row (spec: counters §14). A figure is exact only over rows without the doubtful ones. */
export const QUALITY_FLAGS = [
  'assumed',
  'rule_contradicted',
  'alias_conflict',
  'bad_number',
  'bad_blob',
  'raw_mismatch',
  'total_mismatch',
  'reasoning_added',
  'reasoning_over_output',
  'residual_as_reasoning',
  'cache_modality_estimated',
  'modality_folded',
  'unmapped_unit',
  'cache_ttl_unknown',
  'detail_from_outer',
  'nested_mismatch',
  'duplicate_response',
  'gateway_cache_hit',
  'orphan_late',
  'broken_ancestry',
  'end_before_start',
  'conflict',
] as const

export type QualityFlag = (typeof QUALITY_FLAGS)[number]

const RANKS: ReadonlyMap<QualityFlag, number> = new Map(QUALITY_FLAGS.map((flag, rank) => [flag, rank]))

const byRank = (a: QualityFlag, b: QualityFlag): number => (RANKS.get(a) ?? 0) - (RANKS.get(b) ?? 0)

/** Each flag once, in the order of `QUALITY_FLAGS`, so that equal sets give equal rows. */
export const orderedFlags = (flags: readonly QualityFlag[], further: readonly QualityFlag[]): QualityFlag[] => {
  const count = flags.length + further.length
  if (count === 0) return []
  return count === 1 ? [...flags, ...further] : [...new Set([...flags, ...further])].sort(byRank)
}
