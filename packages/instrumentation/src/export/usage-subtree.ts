/** Attributes that mix usage with content: only the usage inside is kept. */
import { limits } from '@outlay/core'
import { fieldOf, isObject, objectOf } from '#src/call/untyped.ts'

type Extract = (parsed: unknown) => Record<string, unknown> | undefined

/** Providers that put usage into the AI SDK's metadata. */
const METADATA_PROVIDERS = ['anthropic', 'bedrock']

const fromProviderMetadata: Extract = (parsed) => {
  const kept = METADATA_PROVIDERS.flatMap((provider) => {
    const usage = objectOf(fieldOf(parsed, provider), 'usage')
    return usage === undefined ? [] : [[provider, { usage }] as const]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

const fromAdkResponse: Extract = (parsed) => {
  const usage = objectOf(parsed, 'usage_metadata') ?? objectOf(parsed, 'usageMetadata')
  return usage === undefined ? undefined : { usage_metadata: usage }
}

const CARRIERS: Readonly<Record<string, Extract>> = {
  'ai.response.providerMetadata': fromProviderMetadata,
  'gcp.vertex.agent.llm_response': fromAdkResponse,
}

/** Whether any text could hide in a usage object: counters and short tags only. */
const isCountersOnly = (value: unknown): boolean => {
  if (typeof value === 'string') return value.length <= limits.unknownAttributeBytesMax
  if (Array.isArray(value)) return value.every(isCountersOnly)
  return isObject(value) ? Object.values(value).every(isCountersOnly) : true
}

export const isUsageCarrier = (key: string): boolean => Object.hasOwn(CARRIERS, key)

/** The usage part of such an attribute as JSON; `undefined` when there is none that can be told apart. */
export const usageSubtreeOf = (key: string, json: string): string | undefined => {
  if (json.length > limits.usageJsonBytesMax) return undefined
  try {
    const kept = CARRIERS[key]?.(JSON.parse(json))
    return kept !== undefined && isCountersOnly(kept) ? JSON.stringify(kept) : undefined
  } catch {
    return undefined
  }
}
