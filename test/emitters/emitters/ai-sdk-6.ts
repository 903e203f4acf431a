/** Vercel AI SDK 6, which traces itself. */
import { casesUnder } from '../cases.ts'
import type { Emitter } from '../emitter.ts'
import type { AiSdk } from '../programs/ai-sdk.ts'

export const aiSdk6: Emitter = {
  id: 'ai-6',
  packages: ['ai-6', '@ai-sdk/anthropic-6'],
  attributedBy: 'root_span',
  cases: casesUnder('messages'),
  // Each attempt is a span of its own, and one that fails has no usage.
  sight: (id) => ({ listedAttempts: id.endsWith('.retry') ? 1 : 0 }),
  start: async () => {
    const { aiSdkPrograms } = await import('../programs/ai-sdk.ts')
    const ai = (await import('ai-6')) as unknown as AiSdk
    const { createAnthropic } = await import('@ai-sdk/anthropic-6')
    return aiSdkPrograms(
      ai,
      {
        messages: ({ anthropicV1Url, model }) => createAnthropic({ baseURL: anthropicV1Url, apiKey: 'stub' })(model),
      },
      { experimental_telemetry: { isEnabled: true } },
    )
  },
}
