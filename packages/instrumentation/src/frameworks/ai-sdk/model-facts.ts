/** What a model of the AI SDK and its parameters say of a call. Providers keep their base URL in a field without a type. */
import type { Attributes } from '@opentelemetry/api'
import { foldProvider } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import type { CallOperation } from '#src/call/call-span.ts'
import { fieldOf, textOf } from '#src/call/untyped.ts'
import type { CallFacts } from '#src/frameworks/framework-call.ts'
import { put } from '#src/providers/attributes.ts'

/** The part of a model that all versions share. */
export interface AiSdkModel {
  readonly provider: string
  readonly modelId: string
}

export const factsOf = (operation: CallOperation, model: AiSdkModel, params: unknown): CallFacts => ({
  operation,
  provider: model.provider,
  model: model.modelId,
  baseUrl: baseUrlOf(model),
  attributes: requestAttributes(model, params),
})

const baseUrlOf = (model: AiSdkModel): string => {
  const config = fieldOf(model, 'config')
  const url = textOf(config, 'baseURL') ?? textOf(config, 'url')
  if (url !== undefined) return url
  const urlFor: unknown = fieldOf(config, 'url')
  if (typeof urlFor !== 'function') return ''
  try {
    const built: unknown = urlFor.call(config, { path: '/', modelId: model.modelId })
    return typeof built === 'string' ? built : ''
  } catch {
    // Whatever a provider needs to build a URL: then its name says who bills.
    return ''
  }
}

const API_TYPES: readonly (readonly [suffix: string, apiType: string])[] = [
  ['.chat', 'chat_completions'],
  ['.responses', 'responses'],
]

const requestAttributes = ({ provider }: AiSdkModel, params: unknown): Attributes => {
  const attributes: Attributes = {}
  const options = fieldOf(params, 'providerOptions')
  const openai = fieldOf(options, 'openai')
  const maker = foldProvider(provider)
  if (maker === 'openai' || maker === 'azure.ai.openai') {
    put(attributes, ATTR.openaiApiType, API_TYPES.find(([suffix]) => provider.endsWith(suffix))?.[1])
    put(attributes, ATTR.openaiRequestTier, textOf(openai, 'serviceTier'))
  }
  const effort =
    textOf(openai, 'reasoningEffort') ??
    textOf(fieldOf(options, 'anthropic'), 'effort') ??
    textOf(fieldOf(fieldOf(options, 'google'), 'thinkingConfig'), 'thinkingLevel') ??
    textOf(params, 'reasoning')
  put(attributes, ATTR.effort, effort)
  return attributes
}
