/** CSV exports of the Claude console. Other columns than the API's, and costs in dollars rounded to cents. */
import { z } from 'zod'
import { addCost, cover, costFields, type FileKind, readResult } from '#src/reconcile/anthropic-export.ts'
import type { CsvTable } from '#src/reconcile/csv-table.ts'
import { dayOfBucket, dollars, isoInstant, readRecord } from '#src/reconcile/export-fields.ts'
import type { ReadContext } from '#src/reconcile/read-context.ts'

/** The console's CSV: `cost_usd` is in dollars. */
const consoleCost = z.strictObject({ ...costFields, amount: dollars })

/** Columns of the console's CSV → the API's keys. */
const CONSOLE_USAGE: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    model_version: ['model'],
    workspace: ['workspace_id'],
    api_key: ['api_key_id'],
    usage_type: ['service_tier'],
    context_window: ['context_window'],
    usage_input_tokens_no_cache: ['uncached_input_tokens'],
    usage_input_tokens_cache_write_5m: ['cache_creation', 'ephemeral_5m_input_tokens'],
    usage_input_tokens_cache_write_1h: ['cache_creation', 'ephemeral_1h_input_tokens'],
    usage_input_tokens_cache_read: ['cache_read_input_tokens'],
    usage_output_tokens: ['output_tokens'],
    web_search_count: ['server_tool_use', 'web_search_requests'],
    inference_geo: ['inference_geo'],
    speed: ['speed'],
  }),
)
const CONSOLE_COST: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    model: ['model'],
    workspace: ['workspace_id'],
    usage_type: ['service_tier'],
    context_window: ['context_window'],
    token_type: ['token_type'],
    cost_usd: ['amount'],
    cost_type: ['cost_type'],
    inference_geo: ['inference_geo'],
    speed: ['speed'],
  }),
)
const CONSOLE_IGNORED: ReadonlySet<string> = new Set([
  'usage_date_utc',
  'api_key',
  'api_key_id',
  'api_key_status',
  'list_price_usd',
])

const renamed = (cells: readonly (readonly [string, string])[], columns: ReadonlyMap<string, readonly string[]>) => {
  const result: Record<string, unknown> = {}
  for (const [column, cell] of cells) {
    const [outer = column, inner] = columns.get(column) ?? []
    if (!columns.has(column) && CONSOLE_IGNORED.has(column)) continue
    if (inner === undefined) result[outer] = cell
    else result[outer] = { ...(result[outer] as object | undefined), [inner]: cell }
  }
  return result
}

/** The console writes display names in the cost export: `Claude Sonnet 4.5` → `claude-sonnet-4-5`. */
const modelIdOf = (name: string): string => name.trim().toLowerCase().replace(/[ .]+/g, '-')

/** The console's two CSV exports. Its costs are in dollars and rounded to cents, unlike the API's. */
export const readAnthropicCsv = (context: ReadContext, file: string, { header, rows }: CsvTable): void => {
  const { findings } = context
  const kind: FileKind | undefined = header.includes('cost_usd')
    ? 'cost'
    : header.includes('usage_output_tokens')
      ? 'usage'
      : undefined
  if (kind === undefined || !header.includes('usage_date_utc')) {
    findings.problem(
      { file, path: 'line 1' },
      'not a usage or cost export of the Claude console',
      'want usage_date_utc with cost_usd or usage_output_tokens among the columns',
    )
    return
  }
  for (const { line, cells } of rows) {
    const place = { file, path: `line ${line}` }
    const filled = header
      .map((column, index) => [column, cells[index] ?? ''] as const)
      .filter(([, cell]) => cell !== '')
    const date = filled.find(([column]) => column === 'usage_date_utc')?.[1] ?? ''
    const from = isoInstant.safeParse(date)
    const day = from.success ? dayOfBucket({ from: from.data, to: null }, place, findings) : undefined
    if (day === undefined) {
      findings.problem({ file, path: `line ${line} usage_date_utc` }, `got ${JSON.stringify(date)}, want a date`)
      continue
    }
    cover(context, kind, day)
    context.overlap(Object.fromEntries(filled), new Set(header.filter((column) => /usd|tokens|count/.test(column))), {
      place,
      page: file,
      bucket: `${kind} ${day}`,
    })
    if (kind === 'usage') readResult(context, kind, { place, day }, renamed(filled, CONSOLE_USAGE))
    else {
      const cost = readRecord(consoleCost, renamed(filled, CONSOLE_COST), {
        place,
        what: 'a cost export row',
        findings,
      })
      if (cost !== undefined)
        addCost(context, place, day, { ...cost, model: cost.model === null ? null : modelIdOf(cost.model) })
    }
  }
}
