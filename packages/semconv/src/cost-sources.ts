/** Attributes in which senders claim a cost, in order; the first usable amount counts (spec: counters §12). */

/** `jsonKey`: the value is a JSON object and the amount stands under this key. */
export const COST_SOURCES: readonly { readonly key: string; readonly jsonKey?: string }[] = [
  { key: 'gen_ai.usage.cost' },
  { key: 'gen_ai.usage.cost.amount' },
  { key: 'operation.cost' },
  { key: 'llm.cost.total' },
  { key: 'mlflow.llm.cost', jsonKey: 'total_cost' },
  { key: 'litellm.cost.total' },
  { key: 'litellm.cost.total_cost' },
  { key: 'langfuse.observation.cost_details', jsonKey: 'total' },
]
