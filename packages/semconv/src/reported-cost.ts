/** Cost that the sender claims: evidence for comparison, never summed (spec: counters §12). */
import { decimalText, textOf } from './attribute-values.ts'
import { COST_SOURCES } from './cost-sources.ts'
import { flattenUsage } from './flatten-usage.ts'
import { TOPIC } from './key-index.ts'
import { parseUsageJson } from './read-raw-usage.ts'
import { speaksOf } from './span-facts.ts'
import type { TraceNode } from './trace-node.ts'

export interface ReportedCost {
  /** Decimal text in USD; empty = nothing claimed. */
  readonly usd: string
  /** Attribute key, or `raw` for the provider's own object. */
  readonly source: string
}

const NONE: ReportedCost = { usd: '', source: '' }

export const readReportedCost = ({ span, facts, original: { raw } }: TraceNode): ReportedCost => {
  if (raw !== undefined && raw.reportedCostUsd !== '') return { usd: raw.reportedCostUsd, source: 'raw' }
  if (!speaksOf(facts, TOPIC.cost)) return NONE
  for (const { key, jsonKey } of COST_SOURCES) {
    const value = span.attributes[key]
    if (value === undefined) continue
    const usd =
      decimalText(value) ||
      (jsonKey === undefined ? '' : decimalText(flattenUsage(parseUsageJson(textOf(value)))?.get(jsonKey)))
    if (usd !== '') return { usd, source: key }
  }
  return NONE
}
