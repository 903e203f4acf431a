/** The pinned `@pydantic/genai-prices` as a file of the authoring format. Only here is that package read. */
import { findProvider } from '@pydantic/genai-prices'
import { BILLING_AGGREGATORS, catalogueText, type FeedReading, readPriceFeed } from '#src/index.ts'

// The package has no export of its whole data, only a look-up by id. A provider that is not here is not imported.
const PROVIDERS =
  `anthropic arcee avian aws azure baseten cerebras cloudflare cohere cursor deepseek doubleword fireworks
  github-copilot google groq huggingface_cerebras huggingface_fireworks-ai huggingface_groq huggingface_hyperbolic
  huggingface_nebius huggingface_novita huggingface_nscale huggingface_ovhcloud huggingface_publicai
  huggingface_sambanova huggingface_together minimax mistral modal moonshotai novita openai openrouter ovhcloud
  perplexity quicksilverpro together typesafe voyageai x-ai zai zhipuai`.split(/\s+/)

const feed = PROVIDERS.map((providerId) => {
  const provider = findProvider({ providerId })
  if (provider?.id !== providerId) throw new Error(`BUG: @pydantic/genai-prices has no provider ${providerId}`)
  return provider
})

/** Reads the whole pinned feed. Throws `PriceBookError` if any guard of the import is hit. */
export const readPinnedCatalogue = (): { readonly reading: FeedReading; readonly text: string } => {
  const reading = readPriceFeed(feed, { aggregators: BILLING_AGGREGATORS })
  const text = catalogueText(reading.models, {
    edition: '2026-11-21',
    source: 'genai-prices@0.1.8',
    url: 'https://github.com/pydantic/genai-prices',
    checkedAt: '2026-09-23',
  })
  return { reading, text }
}
