/** Saved exports of OpenAI's organisation usage and costs APIs, JSON or CSV (spec: pricing §15). */
import type { Meter } from '@outlay/core'
import { z } from 'zod'
import type { CsvTable } from '#src/reconcile/csv-table.ts'
import {
  dayOfBucket,
  dollars,
  ignored,
  label,
  looseCount,
  readRecord,
  unixSeconds,
  usd,
} from '#src/reconcile/export-fields.ts'
import type { ExportPlace } from '#src/reconcile/export-findings.ts'
import { canonicalTierOf } from '#src/reconcile/export-tiers.ts'
import { readLineItem } from '#src/reconcile/openai-line-item.ts'
import {
  COMPLETIONS_METERS,
  completionMeters,
  completionsResult,
  embeddingsResult,
  type MeterCounts,
  webSearchesResult,
} from '#src/reconcile/openai-usage.ts'
import { coverUsage } from '#src/reconcile/provider-export.ts'
import type { ReadContext } from '#src/reconcile/read-context.ts'
import type { SavedBucket } from '#src/reconcile/saved-pages.ts'

const bucketSchema = z.strictObject({
  object: ignored,
  start_time: unixSeconds,
  end_time: unixSeconds,
  start_time_iso: ignored,
  end_time_iso: ignored,
  results: z.array(z.looseObject({})),
})

const costsResult = z.strictObject({
  object: ignored,
  amount: z.strictObject({ value: dollars, currency: usd }),
  line_item: label,
  quantity: looseCount.nullish().transform((value) => value ?? null),
  quantity_unit: label,
  project_id: ignored,
  project_name: ignored,
  user_id: ignored,
  user_email: ignored,
  api_key_id: ignored,
  api_key_name: ignored,
  api_source: ignored,
  organization_id: ignored,
  organization_name: ignored,
})

interface Result {
  readonly place: ExportPlace
  readonly day: string
  readonly value: Record<string, unknown>
}

const USAGE = 'organization.usage.'
const COSTS = 'organization.costs.result'
const COVERED: ReadonlyMap<string, readonly Meter[]> = new Map([
  [`${USAGE}completions.result`, COMPLETIONS_METERS],
  [`${USAGE}embeddings.result`, ['input']],
  [`${USAGE}web_searches.result`, ['web_search']],
])
const MEASURES: ReadonlySet<string> = new Set(['amount_value', 'num_model_requests', 'num_requests', 'quantity'])

const isMeasure = (key: string): boolean => MEASURES.has(key) || key.endsWith('_tokens')

const addCost = ({ builder, findings }: ReadContext, { place, day, value }: Result): void => {
  const cost = readRecord(costsResult, value, { place, what: COSTS, findings })
  if (cost === undefined) return
  if (cost.line_item === null) {
    findings.problem(place, 'a cost without line item', 'export with group_by=line_item')
    return
  }
  const { unknown, ...item } = readLineItem(cost.line_item)
  for (const word of unknown)
    findings.note(place.file, `"${word}" of a line item is not understood; compared without it`)
  const factor =
    cost.quantity_unit === null || cost.quantity_unit === 'tokens'
      ? 1n
      : cost.quantity_unit === '1000_tokens'
        ? 1000n
        : 0n
  const quantity = factor === 0n || cost.quantity === null ? null : cost.quantity * factor
  builder.costs.push({ day, label: cost.line_item, ...item, amount: cost.amount.value, quantity })
}

type Usage = { model: string | null; batch: boolean | null; service_tier: string | null; project_id: string | null }

const tierOf = ({ batch, service_tier }: Usage): string | null => {
  if (batch === true) return 'batch'
  if (service_tier !== null) return canonicalTierOf('openai', service_tier)
  return null
}

const addUsage = (
  { builder, findings }: ReadContext,
  { place, day }: Result,
  usage: Usage,
  meters: MeterCounts,
): void => {
  const { model } = usage
  if (model === null) {
    findings.problem(place, 'usage without model', 'export with group_by=model,service_tier,batch')
    return
  }
  const line = { day, model, tier: tierOf(usage), project: usage.project_id }
  for (const [meter, quantity] of Object.entries(meters) as [Meter, bigint][]) {
    if (quantity > 0n) builder.usage.push({ ...line, meter, quantity })
  }
}

const readResult = (context: ReadContext, object: string, result: Result): void => {
  const { findings } = context
  const where = { place: result.place, what: object, findings }
  if (object === COSTS) addCost(context, result)
  else if (object === `${USAGE}completions.result`) {
    const usage = readRecord(completionsResult, result.value, where)
    const meters = usage === undefined ? undefined : completionMeters(usage)
    if (typeof meters === 'string') findings.problem(result.place, meters)
    else if (usage !== undefined && meters !== undefined) addUsage(context, result, usage, meters)
  } else if (object === `${USAGE}embeddings.result`) {
    const usage = readRecord(embeddingsResult, result.value, where)
    if (usage !== undefined)
      addUsage(
        context,
        result,
        { ...usage, service_tier: usage.service_tier ?? 'default' },
        { input: usage.input_tokens },
      )
  } else if (object === `${USAGE}web_searches.result`) {
    const usage = readRecord(webSearchesResult, result.value, where)
    if (usage !== undefined)
      addUsage(
        context,
        result,
        { ...usage, service_tier: usage.service_tier ?? 'default' },
        { web_search: usage.num_requests },
      )
  } else if (object.startsWith(USAGE)) findings.note(result.place.file, `${object} is not compared`)
  else findings.problem(result.place, `no result of the usage or costs API: object is ${JSON.stringify(object)}`)
}

/** The days a file is about: an empty bucket is a day of nothing, which is a figure too. */
const coverDay = ({ builder }: ReadContext, object: string | undefined, day: string): void => {
  if (object === COSTS) builder.costDays.add(day)
  else if (object !== undefined) coverUsage(builder, day, COVERED.get(object) ?? [])
}

interface Bucket {
  readonly place: ExportPlace
  readonly page: string
  readonly key: string
  readonly day: string
  readonly results: readonly Record<string, unknown>[]
}

const objectOf = (result: Record<string, unknown>): string => (typeof result.object === 'string' ? result.object : '')

const readBuckets = (context: ReadContext, buckets: readonly Bucket[]): void => {
  // An empty bucket cannot say which endpoint it is of: it is taken to be of the endpoint of the others.
  const ofFile = new Set(buckets.flatMap(({ results }) => results.map(objectOf)))
  for (const { place, page, key, day, results } of buckets) {
    const objects = results.length === 0 ? ofFile : new Set(results.map(objectOf))
    for (const object of objects) coverDay(context, object, day)
    for (const [index, value] of results.entries()) {
      const at = {
        file: place.file,
        path: place.path.startsWith('line ') ? place.path : `${place.path}.results[${index}]`,
      }
      const measures = new Set(Object.keys(value).filter(isMeasure))
      context.overlap(value, measures, { place: at, page, bucket: key })
      readResult(context, objectOf(value), { place: at, day, value })
    }
  }
}

const bucketOf = (context: ReadContext, value: unknown, place: ExportPlace, page: string): Bucket | undefined => {
  const { findings } = context
  const bucket = readRecord(bucketSchema, value, { place, what: 'a bucket', findings })
  if (bucket === undefined) return undefined
  const day = dayOfBucket({ from: bucket.start_time, to: bucket.end_time }, place, findings)
  if (day === undefined) return undefined
  return { place, page, key: `${bucket.start_time}-${bucket.end_time}`, day, results: bucket.results }
}

export const readOpenAiJson = (context: ReadContext, saved: readonly SavedBucket[]): void => {
  readBuckets(
    context,
    saved.flatMap(({ value, place, page }) => bucketOf(context, value, place, page) ?? []),
  )
}

const OBJECT_BY_COLUMN: Readonly<Record<string, string>> = {
  amount_value: COSTS,
  output_tokens: `${USAGE}completions.result`,
  num_requests: `${USAGE}web_searches.result`,
  input_tokens: `${USAGE}embeddings.result`,
}
const BUCKET_COLUMNS: ReadonlySet<string> = new Set(['start_time', 'end_time', 'start_time_iso', 'end_time_iso'])

const amountNested = (cells: Record<string, unknown>): Record<string, unknown> => {
  const { amount_value: value, amount_currency: currency, ...others } = cells
  return value === undefined && currency === undefined ? others : { ...others, amount: { value, currency } }
}

/** The dashboard's CSV: the same keys as columns, `amount_value` and `amount_currency` for the amount. */
export const readOpenAiCsv = (context: ReadContext, file: string, { header, rows }: CsvTable): void => {
  const object = Object.entries(OBJECT_BY_COLUMN).find(([column]) => header.includes(column))?.[1]
  if (object === undefined || !header.includes('start_time')) {
    context.findings.problem(
      { file, path: 'line 1' },
      'not a usage or costs export of OpenAI',
      'want start_time with amount_value, output_tokens or num_requests among the columns',
    )
    return
  }
  const buckets = rows.flatMap(({ line, cells }) => {
    const filled = header
      .map((column, index) => [column, cells[index] ?? ''] as const)
      .filter(([, cell]) => cell !== '')
    const frame = Object.fromEntries(filled.filter(([column]) => BUCKET_COLUMNS.has(column)))
    const result = amountNested(Object.fromEntries(filled.filter(([column]) => !BUCKET_COLUMNS.has(column))))
    // A day without any use is a row with nothing but its times.
    const results = Object.keys(result).length === 0 ? [] : [{ ...result, object }]
    return bucketOf(context, { ...frame, results }, { file, path: `line ${line}` }, file) ?? []
  })
  for (const { day } of buckets) coverDay(context, object, day)
  readBuckets(context, buckets)
}
