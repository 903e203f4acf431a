import { anthropicBatches } from './anthropic.ts'
import type { BatchProvider } from './batch-provider.ts'
import { openaiBatches } from './openai.ts'

export type ProviderName = 'openai' | 'anthropic'

export const PROVIDERS: Readonly<Record<ProviderName, BatchProvider>> = {
  openai: openaiBatches,
  anthropic: anthropicBatches,
}
