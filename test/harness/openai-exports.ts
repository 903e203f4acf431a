/** Saved answers of OpenAI's organisation usage and costs APIs, made up day by day. */
import type { ExportFile } from '@outlay/pricing'

export interface MadeUpUsage {
  readonly day: string
  readonly model: string
  readonly input?: number
  readonly output?: number
  /** As OpenAI writes it; default `default`. */
  readonly tier?: string
  readonly project?: string
}

export interface MadeUpCost {
  readonly day: string
  readonly item: string
  /** Decimal text; written as a JSON number with these digits. */
  readonly usd: string
}

const DAY_SECONDS = 86_400

const page = (days: readonly string[], resultsOf: (day: string) => readonly string[]): string => {
  const buckets = days.map((day) => {
    const start = Date.parse(`${day}T00:00:00Z`) / 1000
    return `{"object":"bucket","start_time":${start},"end_time":${start + DAY_SECONDS},"results":[${resultsOf(day).join(',')}]}`
  })
  return `{"object":"page","data":[${buckets.join(',\n')}],"has_more":false,"next_page":null}`
}

const daysOf = (entries: readonly { readonly day: string }[]): string[] => [...new Set(entries.map(({ day }) => day))]

export const openAiUsage = (usage: readonly MadeUpUsage[]): ExportFile => ({
  name: 'usage.json',
  text: page(daysOf(usage), (day) =>
    usage
      .filter((entry) => entry.day === day)
      .map(({ model, input = 0, output = 0, tier = 'default', project = 'proj_web' }) =>
        JSON.stringify({
          object: 'organization.usage.completions.result',
          input_tokens: input,
          input_uncached_tokens: input,
          input_cached_tokens: 0,
          output_tokens: output,
          num_model_requests: 1,
          project_id: project,
          model,
          batch: false,
          service_tier: tier,
        }),
      ),
  ),
})

export const openAiCosts = (costs: readonly MadeUpCost[]): ExportFile => ({
  name: 'costs.json',
  text: page(daysOf(costs), (day) =>
    costs
      .filter((entry) => entry.day === day)
      .map(
        ({ item, usd }) =>
          `{"object":"organization.costs.result","amount":{"value":${usd},"currency":"usd"},"line_item":${JSON.stringify(item)},"project_id":null,"quantity":null,"quantity_unit":null}`,
      ),
  ),
})
