/** What each quality flag says about a row, one sentence each. */
import type { QualityFlag } from './flags.ts'

/** `time_clamped` is set by the collector, which alone knows when a span arrived. */
export const FLAG_MEANINGS: Readonly<Record<QualityFlag | 'time_clamped', string>> = {
  assumed: 'A guess decided: the rule is one, or nothing said whether input contains caches.',
  rule_contradicted: 'The numbers prove the opposite of what the dialect rule says, and won: the table has aged.',
  alias_conflict: 'Two names of one counter differ; the first in the chain is used, and they are never summed.',
  bad_number: 'A counter that is no whole number from 0 to 2^53 - 1 was taken as absent.',
  bad_blob: 'A JSON attribute could not be read, often because it was cut, and was taken as absent.',
  raw_mismatch: "The provider's own usage object and the span's counters differ; the object won.",
  total_mismatch: 'The reported total is explained by no combination of the reported counters.',
  reasoning_added: 'The total shows that reasoning stands beside the output; it was added.',
  reasoning_over_output: 'More reasoning than output was reported, so it stands beside the output; it was added.',
  residual_as_reasoning: 'The provider leaves reasoning out of the output; what the total has beyond it was added.',
  cache_modality_estimated: 'Which cached tokens were text, audio or image was not reported; text was taken first.',
  modality_folded: 'A modality without a meter of its own was counted with another one.',
  unmapped_unit: 'A billed unit without a meter was left out.',
  cache_ttl_unknown: 'How long written cache tokens live was not reported.',
  detail_from_outer: 'An outer record of the same call with equal totals lent its finer split.',
  nested_mismatch: 'Nested records of model calls have different sums; the innermost are billed.',
  duplicate_response: 'Several spans record the same call; the most detailed one is billed.',
  gateway_cache_hit: 'A gateway answered from its own cache: nothing was billed by a provider.',
  orphan_late: 'The span came after its trace had closed and was settled without the spans before it.',
  broken_ancestry: 'A span between this one and others is missing, so what lies above or below it is not certain.',
  end_before_start: 'The span ends before it starts by its own clock; its duration counts as 0.',
  conflict: 'The numbers contradict each other: the row has no meters and no price.',
  time_clamped: "The sender's clock was absurd; the time of receipt stands in its place.",
}
