/** Models of the OpenAI Agents SDK, and what provides them, with each of their calls attributed and counted. */
import type { Model, ModelProvider } from '@openai/agents'
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { around } from '#src/frameworks/around.ts'
import { startFrameworkCall } from '#src/frameworks/framework-call.ts'
import { observeAnswer, observeEvents } from '#src/frameworks/observe-generator.ts'
import { put } from '#src/providers/attributes.ts'
import { answerFromResponse, createModelReader } from './model-reader.ts'

export interface AgentModelOptions {
  /** Who bills, as the GenAI conventions name it. Default: `openai`. */
  readonly provider?: string
  /** Base URL of the model's client, which the SDK keeps to itself: its host says who bills. Default: unknown. */
  readonly baseUrl?: string
}

type ModelRequest = Parameters<Model['getResponse']>[0]

const observed = new WeakMap<Model, Model>()

const requestAttributes = ({ modelSettings }: ModelRequest): Attributes => {
  const attributes: Attributes = {}
  put(attributes, ATTR.effort, textOf(fieldOf(modelSettings, 'reasoning'), 'effort'))
  put(attributes, ATTR.openaiRequestTier, textOf(fieldOf(modelSettings, 'providerData'), 'service_tier'))
  return attributes
}

/** `name`: as it was asked for; the models keep theirs in fields without a type. */
const observeModel = <Wrapped extends Model>(model: Wrapped, name: string, options: AgentModelOptions): Wrapped => {
  const known = observed.get(model)
  if (known !== undefined) return known as Wrapped
  const { provider = 'openai', baseUrl = textOf(fieldOf(model, '_client'), 'baseURL') } = options
  const start = (request: ModelRequest) =>
    startFrameworkCall({
      operation: 'chat',
      provider,
      model: name || (textOf(model, '_model') ?? textOf(model, 'model') ?? ''),
      baseUrl,
      attributes: requestAttributes(request),
    })
  const wrapped = around<Model>(model, {
    // Refused calls fail as others do: by the promise.
    getResponse: async (request) =>
      observeAnswer(
        start(request),
        () => model.getResponse(request),
        (response) => answerFromResponse(response, provider),
      ),
    getStreamedResponse: (request) =>
      observeEvents({
        start: () => start(request),
        open: () => model.getStreamedResponse(request),
        reader: createModelReader(provider),
        signal: request.signal,
      }),
  })
  observed.set(model, wrapped)
  observed.set(wrapped, wrapped)
  return wrapped as Wrapped
}

/**
 * A provider of the same type whose models count each call and refuse one without required attribution.
 *
 * ```ts
 * const runner = new Runner({ modelProvider: outlayModelProvider(new OpenAIProvider()) })
 * ```
 */
export const outlayModelProvider = <Provider extends ModelProvider>(
  provider: Provider,
  options: AgentModelOptions = {},
): Provider =>
  around<ModelProvider>(provider, {
    getModel: async (name) => observeModel(await provider.getModel(name), name ?? '', options),
  }) as Provider

/** As `outlayModelProvider`, for a model that an agent is given itself. `name`: as prices are listed under. */
export const outlayModel = <Wrapped extends Model>(
  model: Wrapped,
  name: string,
  options: AgentModelOptions = {},
): Wrapped => observeModel(model, name, options)
