/**
 * OpenAI's costs API puts model, tier and meter into one text: `gpt-6-luna-2026-09-03, cached input`,
 * `priority | gpt-5.6-sol, output, long context`, `gpt-realtime-2.1 audio, input`, `web search tool calls`.
 */
import type { Meter } from '@outlay/core'
import { canonicalTierOf } from '#src/reconcile/export-tiers.ts'
import type { ChargeKind } from '#src/reconcile/provider-export.ts'

export interface LineItem {
  readonly kind: ChargeKind
  readonly model: string | null
  readonly tier: string
  readonly meters: readonly Meter[] | null
  /** Words of the line that are not understood; the line is compared without them. */
  readonly unknown: readonly string[]
}

const CACHE_WRITES: readonly Meter[] = ['cache_write_30m', 'cache_write_12h', 'cache_write_unknown']

const METERS_OF: Readonly<Record<string, readonly Meter[]>> = {
  'text input': ['input'],
  'text cached input': ['cache_read'],
  'text cache write': CACHE_WRITES,
  'text output': ['output'],
  'audio input': ['input_audio'],
  'audio cached input': ['cache_read_audio'],
  'audio output': ['output_audio'],
  'image input': ['input_image'],
  'image cached input': ['cache_read_image'],
  'image output': ['output_image'],
}

const TOKEN_ITEM =
  /^(?:([\w ]+) \| )?([^,|\s]+)(?: (text|audio|image))?, (cached input|cache write|input|output)s?((?:, [^,]+)*)$/i
const MODEL_ITEM = /^(?:([\w ]+) \| )?([^,|\s]*\d[^,|\s]*)(?:, .+)?$/

const ACCOUNT_ITEMS: readonly (readonly [RegExp, ChargeKind, readonly Meter[] | null])[] = [
  [/\b(tax|vat|gst)\b/, 'tax', null],
  [/\bfree\b|allowance|complimentary/, 'free_allowance', null],
  [/credit|grant|promotion|discount/, 'credit', null],
  [/web search/, 'usage', ['web_search']],
  [/code interpreter|container/, 'usage', ['container_second']],
]

const tierOf = (word: string | undefined, qualifiers: readonly string[]): string =>
  canonicalTierOf('openai', word ?? (qualifiers.includes('batch') ? 'batch' : 'standard'))

const metersOf = (modality: string, kind: string, qualifiers: readonly string[]): readonly Meter[] | null => {
  if (kind !== 'cache write') return METERS_OF[`${modality} ${kind}`] ?? null
  if (qualifiers.some((word) => /^30 ?m/.test(word))) return ['cache_write_30m']
  if (qualifiers.some((word) => /^12 ?h/.test(word))) return ['cache_write_12h']
  return CACHE_WRITES
}

const KNOWN_QUALIFIERS = /^(long context|short context|batch|30 ?m.*|12 ?h.*)$/

/** Never fails: what names no model and no known tool is a charge to the account. */
export const readLineItem = (text: string): LineItem => {
  const folded = text.trim().toLowerCase()
  // First, and from the text as it is: a fine-tuned model has capitals and may be named after anything, also a tax.
  const token = TOKEN_ITEM.exec(text.trim())
  if (token !== null) {
    const [, word, model, modality = 'text', kind = '', rest = ''] = token
    const qualifiers = rest
      .toLowerCase()
      .split(', ')
      .filter((qualifier) => qualifier !== '')
    return {
      kind: 'usage',
      model: model ?? null,
      tier: tierOf(word, qualifiers),
      meters: metersOf(modality.toLowerCase(), kind.toLowerCase(), qualifiers),
      unknown: qualifiers.filter((qualifier) => !KNOWN_QUALIFIERS.test(qualifier)),
    }
  }
  for (const [pattern, kind, meters] of ACCOUNT_ITEMS) {
    if (!pattern.test(folded)) continue
    return { kind, model: null, tier: 'standard', meters, unknown: [] }
  }
  const model = MODEL_ITEM.exec(text.trim())
  if (model !== null) {
    return { kind: 'usage', model: model[2] ?? null, tier: tierOf(model[1], []), meters: null, unknown: [] }
  }
  return { kind: 'account', model: null, tier: 'standard', meters: null, unknown: [] }
}
