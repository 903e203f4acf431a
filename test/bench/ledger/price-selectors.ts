/** What the made-up calls are priced by: twelve models of the packaged book, on the tiers that people use them on. */
import { assert } from '@outlay/core'
import { buildPriceWindows, type CompiledBook, foldSku, type PriceSelectorsInput, skuIdOf } from '@outlay/pricing'
import { QUARTER_FROM, QUARTER_TO } from './period.ts'

type Workload = 'chat' | 'rag' | 'agent' | 'helper'

interface Offer {
  readonly provider: string
  readonly host: string
  readonly model: string
  readonly serviceTier?: string
  readonly batch?: true
  /** 0: no cache, 1: reads, 2: reads and writes. */
  readonly cache: 0 | 1 | 2
  /** Reports reasoning tokens apart. */
  readonly reasoning?: true
  readonly images?: true
  readonly searches?: true
  /** How often tasks of a workload take it; `helper`: side calls of any task. */
  readonly weight: { readonly [workload in Workload]?: number }
  /** The model that a budget guard puts in its place. */
  readonly budget?: string
}

const OPENAI = { provider: 'openai', host: 'api.openai.com', cache: 1, images: true } as const
const ANTHROPIC = { provider: 'anthropic', host: 'api.anthropic.com', cache: 2, searches: true } as const
const GOOGLE = { provider: 'gcp.gemini', host: 'generativelanguage.googleapis.com', cache: 1, images: true } as const

const OFFERS: readonly Offer[] = [
  {
    ...OPENAI,
    model: 'gpt-5.4',
    reasoning: true,
    searches: true,
    weight: { chat: 20, rag: 10, agent: 12 },
    budget: 'gpt-5.6-luna',
  },
  { ...OPENAI, model: 'gpt-5.6-luna', reasoning: true, serviceTier: 'priority', weight: { chat: 3 } },
  { ...OPENAI, model: 'gpt-5.4', reasoning: true, serviceTier: 'flex', weight: { rag: 3, agent: 2 } },
  { ...OPENAI, model: 'gpt-5.5', reasoning: true, weight: { chat: 4, agent: 5 }, budget: 'gpt-5-mini' },
  { ...OPENAI, model: 'gpt-5-mini', reasoning: true, weight: { chat: 12, rag: 8, helper: 10 } },
  { ...OPENAI, model: 'gpt-5.6-luna', reasoning: true, weight: { chat: 5, helper: 20 } },
  { ...OPENAI, model: 'gpt-4.1', weight: { rag: 8 }, budget: 'gpt-5.6-luna' },
  { ...OPENAI, model: 'gpt-4.1', batch: true, cache: 0, weight: { rag: 3 } },
  { ...ANTHROPIC, model: 'claude-opus-5', weight: { agent: 12 }, budget: 'claude-haiku-4-5' },
  { ...ANTHROPIC, model: 'claude-sonnet-5', weight: { chat: 8, rag: 6, agent: 20 }, budget: 'claude-haiku-4-5' },
  { ...ANTHROPIC, model: 'claude-sonnet-5', batch: true, weight: { rag: 2 } },
  { ...ANTHROPIC, model: 'claude-haiku-4-5', weight: { chat: 4, agent: 4, helper: 12 } },
  { ...GOOGLE, model: 'gemini-2.5-pro', reasoning: true, weight: { rag: 6, agent: 4 }, budget: 'gemini-2.5-flash' },
  { ...GOOGLE, model: 'gemini-2.5-flash', reasoning: true, weight: { chat: 8, rag: 8, helper: 6 } },
  {
    provider: 'mistral_ai',
    host: 'api.mistral.ai',
    model: 'mistral-large-2512',
    cache: 1,
    weight: { chat: 3, rag: 2 },
  },
  {
    provider: 'deepseek',
    host: 'api.deepseek.com',
    model: 'deepseek-v4-pro',
    cache: 1,
    reasoning: true,
    weight: { agent: 4 },
  },
]

/** One offer at one prompt band, as a row of the table that the generator joins. */
export interface SelectorRow {
  readonly selector: number
  readonly band: number
  readonly provider: string
  readonly host: string
  readonly model: string
  readonly service_tier: string
  readonly batch: number
  readonly price_provider: string
  readonly price_model: string
  readonly price_region: string
  readonly price_tier: string
  /** Decimal text: a 64-bit number is more than JSON holds. */
  readonly sku: string
  readonly cache: number
  readonly reasoning: number
  readonly images: number
  readonly searches: number
}

const selectorsInputOf = ({ provider, host, model, serviceTier, batch }: Offer): PriceSelectorsInput => ({
  provider,
  host,
  requestModel: model,
  responseModel: model,
  serviceTier: serviceTier ?? '',
  batch: batch ?? false,
  speed: '',
  region: '',
})

const rowOf = (offer: Offer, selector: number, band: number, book: CompiledBook): SelectorRow => {
  const parts = foldSku(selectorsInputOf(offer), { inputTotal: (book.bandEdges[band] ?? 0) + 1, startMs: 0 }, book)
  assert(parts.promptBand === band, `one token above edge ${band} is in band ${band}`)
  return {
    selector,
    band,
    provider: offer.provider,
    host: offer.host,
    model: offer.model,
    service_tier: offer.serviceTier ?? '',
    batch: offer.batch === undefined ? 0 : 1,
    price_provider: parts.provider,
    price_model: parts.model,
    price_region: parts.region,
    price_tier: parts.tier,
    sku: String(skuIdOf(parts)),
    cache: offer.cache,
    reasoning: offer.reasoning === undefined ? 0 : 1,
    images: offer.images === undefined ? 0 : 1,
    searches: offer.searches === undefined ? 0 : 1,
  }
}

const usedMetersOf = ({ cache, reasoning, images, searches }: SelectorRow) => [
  'input' as const,
  'output' as const,
  ...(cache > 0 ? ['cache_read' as const] : []),
  ...(cache > 1 ? (['cache_write_5m', 'cache_write_1h'] as const) : []),
  ...(reasoning > 0 ? ['output_reasoning' as const] : []),
  ...(images > 0 ? ['input_image' as const] : []),
  ...(searches > 0 ? ['web_search' as const] : []),
]

/** A benchmark over unpriced calls would measure something else: every meter has a price on every day. */
const assertPriced = (row: SelectorRow, book: CompiledBook): void => {
  const { sku, price_provider: provider, price_model: model, price_region: region, price_tier: tier, band } = row
  const parts = { sku: BigInt(sku), provider, model, region, tier, promptBand: band }
  for (const window of buildPriceWindows(book, [parts], { book: 'bench' })) {
    if (window.to <= QUARTER_FROM || window.from >= QUARTER_TO) continue
    const bare = usedMetersOf(row).filter((meter) => typeof window.fusd[meter] !== 'bigint')
    assert(
      window.state === 'ok' && bare.length === 0,
      `${provider} ${model} ${tier}: ${window.state} ${bare.join(' ')}`,
    )
  }
}

/** Every offer at every band. Fails where the packaged book does not price one of them over the whole quarter. */
export const selectorRowsOf = (book: CompiledBook): readonly SelectorRow[] => {
  const rows = OFFERS.flatMap((offer, selector) => book.bandEdges.map((_, band) => rowOf(offer, selector, band, book)))
  for (const row of rows) assertPriced(row, book)
  return rows
}

/** Selector ids, each as often as its weight: a uniform draw from the list is a weighted draw. */
export const selectorsFor = (workload: Workload): readonly number[] =>
  OFFERS.flatMap(({ weight }, selector) => Array.from({ length: weight[workload] ?? 0 }, () => selector))

/** Per selector the one that a budget guard puts in its place; itself where there is none. */
export const budgetSelectors = (): readonly number[] =>
  OFFERS.map(({ budget }, selector) => {
    const cheaper = OFFERS.findIndex(
      (offer) => offer.model === budget && offer.serviceTier === undefined && !offer.batch,
    )
    return cheaper < 0 ? selector : cheaper
  })
