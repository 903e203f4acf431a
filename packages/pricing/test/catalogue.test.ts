import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { foldSku, loadPackagedBook, priceSlotOf, resolveSku } from '#src/index.ts'
import { readPinnedCatalogue } from '../scripts/pinned-catalogue.ts'

test('overlay/catalogue.yaml is what the pinned feed reads as; if not, run `node packages/pricing/scripts/import-catalogue.ts`', () => {
  const committed = readFileSync(new URL('../overlay/catalogue.yaml', import.meta.url), 'utf8')
  expect(committed === readPinnedCatalogue().text).toBe(true)
})

test('at least 1,000 models of at least 25 providers are priced and can be reached by a name', () => {
  const { rows, names } = loadPackagedBook()
  const named = new Set(names.map(({ provider, model }) => `${provider}\u0000${model}`))
  const priced = new Set(rows.map(({ provider, model }) => `${provider}\u0000${model}`))
  expect([...priced].filter((model) => !named.has(model))).toEqual([])
  expect(priced.size).toBeGreaterThanOrEqual(1000)
  expect(new Set(rows.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(25)
})

test('every price says where it was seen, when, and how sure it is', () => {
  const silent = loadPackagedBook().rows.filter(
    ({ source, sourceUrl, checkedAt, derivedFrom }) =>
      source === '' || sourceUrl === '' || !/^\d{4}-\d{2}-\d{2}$/.test(checkedAt) || derivedFrom === '',
  )
  expect(silent).toEqual([])
})

test('what the seed prices, no catalogue prices', () => {
  const { rows } = loadPackagedBook()
  const ofOpus = rows.filter(({ provider, model }) => provider === 'anthropic' && model === 'claude-opus-5')
  expect(ofOpus.filter(({ source }) => source.startsWith('genai-prices'))).toEqual([])
})

describe('names of the catalogue are found as telemetry writes them', () => {
  test.each([
    ['openrouter', 'anthropic/claude-opus-4.6', '', 'openrouter · anthropic/claude-opus-4.6 ·  · standard'],
    ['aws.bedrock', 'us.anthropic.claude-opus-4-5-20251101-v1:0', '', 'aws · claude-opus-4-5 · geo · standard'],
    ['aws.bedrock', 'global.anthropic.claude-opus-4-6-v1', '', 'aws · claude-opus-4-6 ·  · standard'],
    ['aws.bedrock', 'anthropic.claude-opus-4-6-v1', 'us-east-1', 'aws · claude-opus-4-6 · regional · standard'],
    ['aws.bedrock', 'us-gov.anthropic.claude-opus-4-6-v1', '', 'aws · claude-opus-4-6 · gov · standard'],
    ['aws.bedrock', 'us.amazon.nova-pro-v1:0', '', 'aws · amazon.nova-pro-v1:0 · geo · standard'],
    ['gcp.vertex_ai', 'claude-sonnet-4-5@20250929', 'us-east5', 'google · claude-sonnet-4-5 · regional · standard'],
    ['gcp.vertex_ai', 'claude-sonnet-4-5@20250929', 'global', 'google · claude-sonnet-4-5 ·  · standard'],
    ['openai', 'ft:gpt-4o-2024-08-06:acme::x', '', 'openai · ft:gpt-4o ·  · standard'],
    ['anthropic', 'claude-haiku-4-5-20251001', '', 'anthropic · claude-haiku-4-5 ·  · standard'],
    ['mistral_ai', 'mistral-large-latest', '', 'mistral · mistral-large-2512 ·  · standard'],
    ['litellm', 'groq/llama-3.3-70b-versatile', '', 'groq · llama-3.3-70b-versatile ·  · standard'],
    ['huggingface', 'openai/gpt-oss-120b:groq', '', 'huggingface · openai/gpt-oss-120b:groq ·  · standard'],
    ['x_ai', 'grok-4-latest', '', 'xai · grok-4-0709 ·  · standard'],
    ['anthropic', 'claude-sonnet-5-7', '', 'unpriced_model'],
    ['huggingface', 'openai/gpt-oss-120b', '', 'unpriced_model'],
  ])('%s %s %s', (provider, requestModel, region, expected) => {
    const book = loadPackagedBook()
    const selectors = {
      provider,
      requestModel,
      region,
      host: '',
      responseModel: '',
      serviceTier: '',
      batch: false,
      speed: '',
    }
    const found = resolveSku(
      book,
      foldSku(selectors, { inputTotal: 0, startMs: 0 }, book),
      priceSlotOf(Date.parse('2026-11-01')),
    )
    const sheet = [found.provider, found.model, found.region, found.tier].join(' · ')
    expect(found.state === 'ok' ? sheet : found.state).toBe(expected)
  })
})
