/** Cost that the sender claims: evidence for comparison, never summed (spec: counters §12). */
import { decimalText, textOf } from './attribute-values.ts'
import type { Attributes } from './evidence.ts'
import { flattenUsage } from './flatten-usage.ts'
import { parseUsageJson, type RawUsageReading } from './read-raw-usage.ts'

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

export interface ReportedCost {
  /** Decimal text in USD; empty = nothing claimed. */
  readonly usd: string
  /** Attribute key, or `raw` for the provider's own object. */
  readonly source: string
}

const NONE: ReportedCost = { usd: '', source: '' }

export const readReportedCost = (attributes: Attributes, raw: RawUsageReading | undefined): ReportedCost => {
  if (raw !== undefined && raw.reportedCostUsd !== '') return { usd: raw.reportedCostUsd, source: 'raw' }
  for (const { key, jsonKey } of COST_SOURCES) {
    const value = attributes[key]
    if (value === undefined) continue
    const usd =
      decimalText(value) ||
      (jsonKey === undefined ? '' : decimalText(flattenUsage(parseUsageJson(textOf(value)))?.get(jsonKey)))
    if (usd !== '') return { usd, source: key }
  }
  return NONE
}
