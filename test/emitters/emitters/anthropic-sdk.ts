/** The SDK of Anthropic, which traces itself, and instrumentations that patch it. */
import type Anthropic from '@anthropic-ai/sdk'
import { casesUnder, usesCache } from '../cases.ts'
import type { Emitter, Programs, Sight } from '../emitter.ts'

const CASES = casesUnder('messages')

type Client = new (options: {
  readonly baseURL: string
  readonly apiKey: string
  readonly openTelemetry?: false
}) => Anthropic

const programsOf = async (Client: unknown, options: { readonly openTelemetry?: false } = {}): Promise<Programs> => {
  const { anthropicSdkPrograms } = await import('../programs/anthropic-sdk.ts')
  return anthropicSdkPrograms(({ url }) => new (Client as Client)({ baseURL: url, apiKey: 'stub', ...options }))
}

const NO_TTL: Sight = {
  folds: { cache_write_5m: 'cache_write_unknown', cache_write_1h: 'cache_write_unknown', output_reasoning: 'output' },
}

const native: Emitter = {
  id: 'anthropic-native',
  packages: ['@anthropic-ai/sdk'],
  attributedBy: 'root_span',
  cases: CASES,
  sight: () => ({}),
  start: async () => programsOf((await import('@anthropic-ai/sdk')).Anthropic),
}

const traceloop: Emitter = {
  id: 'traceloop-anthropic',
  // It cannot patch versions from 1.0 on: they have no text completions any more.
  packages: ['@traceloop/instrumentation-anthropic', '@anthropic-ai/sdk-0'],
  attributedBy: 'root_span',
  cases: CASES,
  sight: () => NO_TTL,
  start: async () => {
    const { AnthropicInstrumentation } = await import('@traceloop/instrumentation-anthropic')
    const sdk = await import('@anthropic-ai/sdk-0')
    new AnthropicInstrumentation().manuallyInstrument(sdk as never)
    return programsOf(sdk.Anthropic)
  },
}

const openinference: Emitter = {
  id: 'openinference-anthropic',
  packages: ['@arizeai/openinference-instrumentation-anthropic', '@anthropic-ai/sdk'],
  attributedBy: 'root_span',
  cases: CASES,
  // Cache attributes are there only where a cache was used.
  sight: (id) => (usesCache(id) ? NO_TTL : { ...NO_TTL, cacheSplit: 'unknown' }),
  start: async () => {
    const { AnthropicInstrumentation } = await import('@arizeai/openinference-instrumentation-anthropic')
    const sdk = await import('@anthropic-ai/sdk')
    new AnthropicInstrumentation().manuallyInstrument(sdk as never)
    // The SDK's own spans would be a second record of each call.
    return programsOf(sdk.Anthropic, { openTelemetry: false })
  },
}

export const ANTHROPIC_SDK_EMITTERS: readonly Emitter[] = [native, traceloop, openinference]
