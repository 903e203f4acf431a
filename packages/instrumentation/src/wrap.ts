/**
 * `wrap(client)`: a client of the same type whose model calls are attributed and counted.
 * Works on a copy that the SDK itself makes, so the client that was given stays as it is.
 */
import { context, trace } from '@opentelemetry/api'
import { OutlayError } from '@outlay/core'
import { scopeOf } from './attribution/attribution-context.ts'
import { missingFields, settleMissing } from './attribution/missing-attribution.ts'
import { currentPolicy } from './attribution/policy.ts'
import type { ModelApi } from './call/model-api.ts'
import { type ModelCall, startCall } from './call/model-call.ts'
import { observePromise, refusedCall } from './call/observe-promise.ts'
import { isAsyncGenerator, isSdkStream, observeGenerator, observeStream } from './call/observe-stream.ts'
import { type Server, serverReaderOf } from './call/server.ts'
import { fieldOf, isObject } from './call/untyped.ts'
import { anthropicMessages } from './providers/anthropic.ts'
import { openAIChat, openAIEmbeddings, openAIResponses } from './providers/openai.ts'

interface Sdk {
  readonly maker: string
  /** Where model calls are made. The SDK's own helpers (`stream`, `parse`, tool runners) end up here too. */
  readonly apis: readonly (readonly [path: string, api: ModelApi])[]
  /** Helpers that return no promise: they must refuse at once. */
  readonly starters: readonly string[]
}

const OPENAI: Sdk = {
  maker: 'openai',
  apis: [
    ['chat.completions', openAIChat],
    ['responses', openAIResponses],
    ['embeddings', openAIEmbeddings],
  ],
  starters: ['stream', 'runTools'],
}

const ANTHROPIC: Sdk = {
  maker: 'anthropic',
  apis: [
    ['messages', anthropicMessages],
    ['beta.messages', anthropicMessages],
  ],
  starters: ['stream'],
}

type Method = (...args: unknown[]) => unknown

const wrapped = new WeakSet<object>()

/**
 * A client of the same type, with the same credentials and options, that makes one CLIENT span per model call.
 *
 * ```ts
 * const openai = wrap(new OpenAI())
 * ```
 * Calls behave as before: same promises, streams and errors. A call without required attribution is refused with
 * `MissingAttributionError` before anything is sent, unless the policy says otherwise.
 * Fails with `E_WRAP_CLIENT` on anything but a client of `openai` or `@anthropic-ai/sdk`.
 */
export const wrap = <Client extends object>(client: Client): Client => {
  if (wrapped.has(client)) return client
  const sdk = sdkOf(client)
  const copy = fieldOf(client, 'withOptions')
  if (sdk === undefined || typeof copy !== 'function') {
    throw new OutlayError('E_WRAP_CLIENT', 'not a client that wrap() knows', {
      got: client.constructor?.name ?? 'an object',
      want: 'a client of openai >= 5 or @anthropic-ai/sdk >= 0.60',
      fix: 'wrap the SDK client itself, for example wrap(new OpenAI())',
    })
  }
  return instrument(copyOf(client, copy as Method), sdk)
}

const copyOf = <Client extends object>(client: Client, withOptions: Method): Client => {
  const options = ownTracingOff(client)
  const { timeout } = client as { timeout?: unknown }
  // A copy takes the default timeout for one that the app has set, and Anthropic's SDK then stops deriving it
  // from `max_tokens`. So what was not set stays not set.
  if (fieldOf(fieldOf(client, '_options'), 'timeout') !== undefined) return withOptions.call(client, options) as Client
  return Object.assign(withOptions.call(client, { ...options, timeout: undefined }) as Client, { timeout })
}

const sdkOf = (client: object): Sdk | undefined =>
  [OPENAI, ANTHROPIC].find(
    ({ apis }) => typeof fieldOf(resourceAt(client, apis[0]?.[0] ?? ''), 'create') === 'function',
  )

/** Class instances with accessors: walked by property, not by copy. */
const resourceAt = (client: object, path: string): object | undefined => {
  let at: unknown = client
  for (const name of path.split('.')) at = fieldOf(at, name)
  return isObject(at) ? at : undefined
}

/** `@anthropic-ai/sdk` from 1.12 on makes spans with usage itself: both would count every call twice. */
const ownTracingOff = (client: object): object => ('openTelemetry' in client ? { openTelemetry: false } : {})

const instrument = <Client extends object>(client: Client, sdk: Sdk): Client => {
  const server = serverReaderOf(client, sdk.maker)
  for (const [path, api] of sdk.apis) {
    const resource = resourceAt(client, path)
    if (resource === undefined) continue
    override(resource, 'create', (create) => observed(create, resource, api, server))
    for (const starter of sdk.starters) override(resource, starter, (start) => guarded(start, resource))
  }
  override(client, 'withOptions', (withOptions) => (options) => {
    const copy = withOptions.call(client, { ...(options as object), ...ownTracingOff(client) })
    return instrument(copy as object, sdk)
  })
  wrapped.add(client)
  return client
}

const override = (target: object, name: string, replace: (original: Method) => Method): void => {
  const original = fieldOf(target, name)
  if (typeof original !== 'function') return
  const value = replace(original as Method)
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
}

const refusal = (): Error | undefined => {
  const policy = currentPolicy()
  const missing = missingFields(scopeOf(context.active()).attribution, policy)
  return missing.length === 0 ? undefined : settleMissing(missing, policy)
}

const guarded =
  (start: Method, resource: object): Method =>
  (...args) => {
    // Anything milder is settled by the call that the helper makes.
    const refused = currentPolicy().onMissing === 'throw' ? refusal() : undefined
    if (refused !== undefined) throw refused
    return start.apply(resource, args)
  }

const observed =
  (create: Method, resource: object, api: ModelApi, server: () => Server): Method =>
  (body, ...rest) => {
    const refused = refusal()
    if (refused !== undefined) return refusedCall(refused)
    const active = context.active()
    const call = startCall(api, server(), scopeOf(active), body)
    if (call === undefined) return create.call(resource, body, ...rest)
    const prepared = api.prepare(body)
    try {
      // The span is current while the request goes out, so that spans of the HTTP client fall below it.
      const sent = context.with(trace.setSpan(active, call.span), () => create.call(resource, prepared.body, ...rest))
      return observePromise(sent, call, (data) => readAnswer(data, call, api, prepared.createReader))
    } catch (error) {
      call.fail(error)
      throw error
    }
  }

const readAnswer = (
  data: unknown,
  call: ModelCall,
  api: ModelApi,
  createReader: ReturnType<ModelApi['prepare']>['createReader'],
): unknown => {
  if (isSdkStream(data)) observeStream(data, createReader(), call)
  else if (isAsyncGenerator(data)) observeGenerator(data, createReader(), call)
  else call.succeed(api.answerOf(data))
  return data
}
