/**
 * A `genai-prices` feed → models in the authoring format, corrected, with everything that was left out named.
 * Only data is read: no rule of the feed's calculator survives (spec: pricing §12, §13, §17).
 */
import type { CatalogueModel } from '#src/feed/catalogue-model.ts'
import { bedrockModelOf, mergeBedrockEntries, withVertexRegions } from '#src/feed/cloud-models.ts'
import { correctFeedModel } from '#src/feed/feed-corrections.ts'
import { isMeantByFeed, namesOfFeed } from '#src/feed/feed-names.ts'
import { type FeedModel, feedModelSchema, feedProviderSchema } from '#src/feed/feed-schema.ts'
import { sheetsOfFeed } from '#src/feed/feed-sheets.ts'
import { PriceBookError, type PriceBookProblem } from '#src/problem.ts'

export interface FeedOptions {
  /** Aggregators whose rows are wanted because they send the invoice: `openrouter`, `huggingface`. */
  readonly aggregators?: readonly string[]
  /** Also keeps models that cost nothing. */
  readonly keepFree?: boolean
}

/** Aggregators that send the invoice themselves: their price is the price of the call. */
export const BILLING_AGGREGATORS: readonly string[] = ['openrouter', 'huggingface']

export interface FeedReading {
  readonly models: readonly CatalogueModel[]
  /** What is not in the result, and why. */
  readonly dropped: readonly { readonly provider: string; readonly model: string; readonly reason: string }[]
  /** `openai/o3: cached input of o3 was 2.50 before its price cut`. */
  readonly corrected: readonly string[]
}

interface FeedProvider {
  readonly id: string
  readonly models: readonly FeedModel[]
}

const PROVIDER_IDS: Readonly<Record<string, string>> = { 'x-ai': 'xai' }
const ROUTED_BY_HUGGINGFACE = /^huggingface_(.+)$/

const aggregatorOf = (provider: string): string | undefined =>
  ROUTED_BY_HUGGINGFACE.test(provider) ? 'huggingface' : provider === 'openrouter' ? provider : undefined

const problemOf = (
  where: string,
  issue: { path: PropertyKey[]; message: string; code?: string },
): PriceBookProblem => ({
  code: issue.code === 'unrecognized_keys' ? 'E_UNKNOWN_KEY' : 'E_FORMAT',
  where,
  what: `${issue.path.join('.')}: ${issue.message}`,
})

const parseProvider = (value: unknown, problems: PriceBookProblem[]): FeedProvider[] => {
  const provider = feedProviderSchema.safeParse(value)
  if (!provider.success) {
    problems.push(...provider.error.issues.map((issue) => problemOf('feed', issue)))
    return []
  }
  const models = provider.data.models.flatMap((entry) => {
    const model = feedModelSchema.safeParse(entry)
    if (model.success) return [model.data]
    const id = typeof entry === 'object' && entry !== null && 'id' in entry ? String(entry.id) : '?'
    problems.push(...model.error.issues.map((issue) => problemOf(`${provider.data.id}/${id}`, issue)))
    return []
  })
  return [{ id: provider.data.id, models }]
}

/** Why a model is not even read, or undefined. */
const refusalOf = (provider: string, { id, price_comments: comment }: FeedModel): string | undefined => {
  if (/from OpenRouter pricing|trusting (open router|the original source|these prices)/i.test(comment ?? '')) {
    return "an aggregator's price, not this provider's"
  }
  if (provider === 'openrouter' && !id.includes('/')) return 'no name of OpenRouter: they all begin with a vendor'
  return undefined
}

const canonicalOf = (provider: string, id: string): string => {
  if (provider === 'aws') return bedrockModelOf(id)
  const route = ROUTED_BY_HUGGINGFACE.exec(provider)?.[1]
  if (route !== undefined) return `${id}:${route}`
  return provider === 'anthropic' ? id.replace(/-latest$/, '') : id
}

const namesOf = (provider: FeedProvider, canonical: string, model: FeedModel) => {
  const route = ROUTED_BY_HUGGINGFACE.exec(provider.id)?.[1]
  const names = namesOfFeed(provider.id, route === undefined ? canonical : model.id, model)
  const meant = names.exact.filter((name) => isMeantByFeed(name, model, provider.models))
  // Hugging Face's router takes the provider behind the model's name; without it the price is anybody's.
  const exact = route === undefined ? meant : meant.map((name) => `${name}:${route}`)
  return { exact: exact.map((name) => ({ name })), snapshot: names.snapshot }
}

interface ReadModel {
  readonly id: string
  readonly model: CatalogueModel
}

const readProvider = (
  provider: FeedProvider,
  options: FeedOptions,
  { problems, dropped }: { problems: PriceBookProblem[]; dropped: FeedReading['dropped'][number][] },
): ReadModel[] =>
  provider.models.flatMap((model) => {
    const aggregator = aggregatorOf(provider.id)
    const biller = aggregator ?? PROVIDER_IDS[provider.id] ?? provider.id
    const drop = (reason: string): [] => {
      dropped.push({ provider: biller, model: model.id, reason })
      return []
    }
    if (aggregator !== undefined && !options.aggregators?.includes(aggregator))
      return drop('an aggregator, not asked for')
    const refusal = refusalOf(provider.id, model)
    if (refusal !== undefined) return drop(refusal)
    const reading = { provider: biller, model, where: `${provider.id}/${model.id}`, problems }
    const read = sheetsOfFeed(reading, { keepFree: options.keepFree ?? false })
    if ('dropped' in read) return drop(read.dropped)
    const canonical = canonicalOf(provider.id, model.id)
    const { exact, snapshot } = namesOf(provider, canonical, model)
    const named = { provider: biller, model: canonical, exact, ...(snapshot === undefined ? {} : { snapshot }) }
    const checkedAt = /^\d{4}-\d{2}-\d{2}(?=$|T)/.exec(model.prices_checked ?? '')?.[0]
    const checked = checkedAt === undefined ? {} : { checkedAt }
    return [{ id: model.id, model: { ...named, inherit: {}, sheets: read.sheets, derive: [], ...checked } }]
  })

/** An exact name belongs to the first model that has it, as in the feed. */
const withoutDoubleNames = (models: readonly CatalogueModel[]): CatalogueModel[] => {
  const taken = new Map<string, string>()
  return models.map((model) => ({
    ...model,
    exact: model.exact.filter(({ name, from, to }) => {
      if (from !== undefined || to !== undefined) return true
      const key = `${model.provider}\u0000${name}`
      const owner = taken.get(key) ?? model.model
      taken.set(key, owner)
      return owner === model.model
    }),
  }))
}

/**
 * Reads a feed (an array of providers). Throws `PriceBookError` with every negative price, NaN, price of more than 9
 * places, unknown key, unit or constraint; nothing is half-read.
 */
export const readPriceFeed = (feed: readonly unknown[], options: FeedOptions = {}): FeedReading => {
  const problems: PriceBookProblem[] = []
  const dropped: FeedReading['dropped'][number][] = []
  const providers = feed.flatMap((value) => parseProvider(value, problems))
  const read = providers.map((provider) => ({
    provider,
    models: readProvider(provider, options, { problems, dropped }),
  }))
  if (problems.length > 0) throw new PriceBookError(problems)
  const models = read.flatMap(({ provider, models: entries }) =>
    provider.id === 'aws' ? mergeBedrockEntries(entries) : entries.map(({ model }) => withVertexRegions(model)),
  )
  const corrections = models.map(correctFeedModel)
  return {
    models: withoutDoubleNames(corrections.map(({ model }) => model)),
    dropped,
    corrected: corrections.flatMap(({ model, corrections: due }) =>
      due.map((what) => `${model.provider}/${model.model}: ${what}`),
    ),
  }
}
