/** Saved pages of Anthropic's usage and cost reports (Admin API, JSON), and what their results mean (spec: pricing §15). */
import type { Meter } from '@outlay/core'
import { z } from 'zod'
import {
  cents,
  count,
  dayOfBucket,
  ignored,
  isoInstant,
  label,
  optionalCount,
  readRecord,
  usd,
} from '#src/reconcile/export-fields.ts'
import type { ExportPlace } from '#src/reconcile/export-findings.ts'
import { canonicalTierOf } from '#src/reconcile/export-tiers.ts'
import { type ChargeKind, coverUsage } from '#src/reconcile/provider-export.ts'
import type { ReadContext } from '#src/reconcile/read-context.ts'
import type { SavedBucket } from '#src/reconcile/saved-pages.ts'

const bucketSchema = z.strictObject({
  starting_at: isoInstant,
  ending_at: isoInstant.nullish(),
  results: z.array(z.looseObject({})),
})

const group = {
  model: label,
  service_tier: label,
  speed: label,
  workspace_id: label,
  context_window: ignored,
  inference_geo: ignored,
}

const usageResult = z.strictObject({
  ...group,
  uncached_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.strictObject({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
  output_tokens: count,
  server_tool_use: z
    .strictObject({ web_search_requests: optionalCount, web_fetch_requests: optionalCount })
    .nullish()
    .transform((tools) => tools ?? { web_search_requests: null, web_fetch_requests: null }),
  api_key_id: ignored,
  account_id: ignored,
  service_account_id: ignored,
})

export const costFields = { ...group, description: label, cost_type: label, token_type: label }
/** The API: `amount` is a decimal string in cents. */
const costResult = z.strictObject({ ...costFields, amount: cents, currency: usd, list_amount: ignored })

const METER_OF_TOKEN_TYPE: ReadonlyMap<string, Meter> = new Map([
  ['uncached_input_tokens', 'input'],
  ['input_no_cache', 'input'],
  ['cache_read_input_tokens', 'cache_read'],
  ['input_cache_read', 'cache_read'],
  ['cache_creation.ephemeral_5m_input_tokens', 'cache_write_5m'],
  ['input_cache_write_5m', 'cache_write_5m'],
  ['cache_creation.ephemeral_1h_input_tokens', 'cache_write_1h'],
  ['input_cache_write_1h', 'cache_write_1h'],
  ['output_tokens', 'output'],
  ['output', 'output'],
])
const USAGE_METERS: readonly Meter[] = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'web_search',
]

type UsageResult = z.output<typeof usageResult>
type CostResult = Omit<z.output<typeof costResult>, 'currency' | 'list_amount'>

const tierOf = ({ speed, service_tier }: { speed: string | null; service_tier: string | null }): string | null => {
  if (service_tier !== null && canonicalTierOf('anthropic', service_tier) === 'batch') return 'batch'
  if (speed !== null && speed !== 'standard') return canonicalTierOf('anthropic', speed)
  return service_tier === null ? null : canonicalTierOf('anthropic', service_tier)
}

const addUsage = ({ builder, findings }: ReadContext, place: ExportPlace, day: string, usage: UsageResult): void => {
  const { model } = usage
  if (model === null) {
    findings.problem(place, 'usage without model', 'export with group_by[]=model and group_by[]=service_tier')
    return
  }
  const quantities: { readonly [meter in Meter]?: bigint | null } = {
    input: usage.uncached_input_tokens,
    cache_read: usage.cache_read_input_tokens,
    cache_write_5m: usage.cache_creation.ephemeral_5m_input_tokens,
    cache_write_1h: usage.cache_creation.ephemeral_1h_input_tokens,
    output: usage.output_tokens,
    web_search: usage.server_tool_use.web_search_requests,
    web_fetch: usage.server_tool_use.web_fetch_requests,
  }
  const line = { day, model, tier: tierOf(usage), project: usage.workspace_id }
  for (const [meter, quantity] of Object.entries(quantities) as [Meter, bigint | null][]) {
    if (quantity !== null && quantity > 0n) builder.usage.push({ ...line, meter, quantity })
  }
}

/** What a line pays for, from its type; a line of a type that is not listed here is a charge to the account. */
const chargeOf = ({
  cost_type,
  description,
  model,
  token_type,
}: CostResult): { kind: ChargeKind; meters: readonly Meter[] | null } => {
  const text = (description ?? '').toLowerCase()
  const account = model === null
  if (account && /\b(tax|vat|gst)\b/.test(text)) return { kind: 'tax', meters: null }
  if (account && /free (usage|tier|hours)|allowance/.test(text)) return { kind: 'free_allowance', meters: null }
  if (account && /credit|discount/.test(text)) return { kind: 'credit', meters: null }
  if (cost_type === 'web_search') return { kind: 'usage', meters: ['web_search'] }
  if (cost_type === 'code_execution' || cost_type === 'session_usage')
    return { kind: 'usage', meters: ['container_second'] }
  if (account) return { kind: 'account', meters: null }
  const meter = token_type === null ? undefined : METER_OF_TOKEN_TYPE.get(token_type)
  return { kind: 'usage', meters: meter === undefined ? null : [meter] }
}

export const addCost = (
  { builder, findings }: ReadContext,
  place: ExportPlace,
  day: string,
  cost: CostResult,
): void => {
  if (cost.description === null && cost.cost_type === null && cost.model === null) {
    findings.problem(place, 'a cost without description', 'export with group_by[]=description')
    return
  }
  if (cost.token_type !== null && !METER_OF_TOKEN_TYPE.has(cost.token_type)) {
    findings.note(place.file, `token type "${cost.token_type}" is not known; compared with all use of its model`)
  }
  const charge = chargeOf(cost)
  builder.costs.push({
    day,
    label: cost.description ?? [cost.model, cost.cost_type, cost.token_type].filter((word) => word !== null).join(' '),
    ...charge,
    model: charge.kind === 'usage' ? cost.model : null,
    tier: tierOf(cost) ?? 'standard',
    amount: cost.amount,
    quantity: null,
  })
}

const MEASURES: ReadonlySet<string> = new Set([
  'amount',
  'list_amount',
  'cost_usd',
  'list_price_usd',
  'uncached_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
])

export type FileKind = 'usage' | 'cost'

const kindOf = (result: object): FileKind => ('amount' in result ? 'cost' : 'usage')

export const readResult = (
  context: ReadContext,
  kind: FileKind,
  at: { place: ExportPlace; day: string },
  value: unknown,
): void => {
  const { findings } = context
  if (kind === 'cost') {
    const cost = readRecord(costResult, value, { place: at.place, what: 'a cost report result', findings })
    if (cost !== undefined) addCost(context, at.place, at.day, cost)
    return
  }
  const usage = readRecord(usageResult, value, { place: at.place, what: 'a messages usage result', findings })
  if (usage !== undefined) addUsage(context, at.place, at.day, usage)
}

export const cover = ({ builder }: ReadContext, kind: FileKind, day: string): void => {
  if (kind === 'cost') builder.costDays.add(day)
  else coverUsage(builder, day, USAGE_METERS)
}

export const readAnthropicJson = (context: ReadContext, saved: readonly SavedBucket[]): void => {
  const { findings, overlap } = context
  const buckets = saved.flatMap(({ value, place, page }) => {
    const bucket = readRecord(bucketSchema, value, { place, what: 'a bucket', findings })
    if (bucket === undefined) return []
    const day = dayOfBucket({ from: bucket.starting_at, to: bucket.ending_at ?? null }, place, findings)
    return day === undefined ? [] : [{ place, page, day, key: String(bucket.starting_at), results: bucket.results }]
  })
  // An empty bucket cannot say which report it is of: it is taken to be of the report of the others.
  const ofFile = new Set(buckets.flatMap(({ results }) => results.map(kindOf)))
  for (const { place, page, day, key, results } of buckets) {
    const kinds = results.length === 0 ? ofFile : new Set(results.map(kindOf))
    for (const kind of kinds) cover(context, kind, day)
    for (const [index, result] of results.entries()) {
      const at = { file: place.file, path: `${place.path}.results[${index}]` }
      const kind = kindOf(result)
      overlap(result, MEASURES, { place: at, page, bucket: `${kind} ${key}` })
      readResult(context, kind, { place: at, day }, result)
    }
  }
}
