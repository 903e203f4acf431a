/**
 * `wrap(client)`: a client of the same type whose model calls are attributed and counted.
 * Works on a copy, made by the SDK itself where it can, so the client that was given stays as it is.
 */
import { context, trace } from '@opentelemetry/api'
import { OutlayError } from '@outlay/core'
import { type AttributionScope, scopeOf } from './attribution/attribution-context.ts'
import { currentPolicy } from './attribution/policy.ts'
import { isUserHash } from './attribution/user-id.ts'
import type { ModelApi, PreparedCall } from './call/model-api.ts'
import { type ModelCall, startCall } from './call/model-call.ts'
import { observePromise, refusedCall } from './call/observe-promise.ts'
import {
  isAsyncGenerator,
  isAsyncIterable,
  isSdkStream,
  observeGenerator,
  observeIterable,
  observeStream,
} from './call/observe-stream.ts'
import { refusal } from './call/refusal.ts'
import { createServerReader, type Server } from './call/server.ts'
import { fieldOf } from './call/untyped.ts'
import { processWide } from './process-wide.ts'
import { BEDROCK_SDK } from './sdks/bedrock.ts'
import { COHERE_SDK } from './sdks/cohere.ts'
import { GOOGLE_GENAI_SDK } from './sdks/google-genai.ts'
import { MISTRAL_SDK } from './sdks/mistral.ts'
import { type Method, resourceAt, type Sdk, type SdkCall } from './sdks/sdk.ts'
import { ANTHROPIC_SDK, OPENAI_SDK } from './sdks/stainless.ts'

const SDKS: readonly Sdk[] = [OPENAI_SDK, ANTHROPIC_SDK, GOOGLE_GENAI_SDK, MISTRAL_SDK, COHERE_SDK, BEDROCK_SDK]

const wrapped = processWide('wrapped-clients', () => new WeakSet<object>())

const sdkOf = (client: object): Sdk | undefined => SDKS.find(({ recognises }) => recognises(client))

/** Whether `wrap` knows this client. */
export const isWrappable = (client: object): boolean => wrapped.has(client) || sdkOf(client) !== undefined

/**
 * A client of the same type, with the same credentials and options, that makes one CLIENT span per model call.
 *
 * ```ts
 * const openai = wrap(new OpenAI())
 * ```
 * Calls behave as before: same promises, streams and errors. A call without required attribution is refused with
 * `MissingAttributionError` before anything is sent, unless the policy says otherwise.
 * Fails with `E_WRAP_CLIENT` on a client of an SDK that is not in the README.
 */
export const wrap = <Client extends object>(client: Client): Client => {
  if (wrapped.has(client)) return client
  const sdk = sdkOf(client)
  if (sdk === undefined) {
    throw new OutlayError('E_WRAP_CLIENT', 'not a client that wrap() knows', {
      got: client.constructor?.name ?? 'an object',
      want: `a client of ${SDKS.map(({ name }) => name).join(', ')}`,
      fix: 'wrap the SDK client itself, for example wrap(new OpenAI()), or tell its calls with recordCall()',
    })
  }
  return instrument(sdk.copy(client), sdk) as Client
}

/** Measures the calls of a client itself, for one that nobody has seen yet; a client of no known SDK is left alone. */
export const measureInPlace = <Client extends object>(client: Client): Client => {
  const sdk = SDKS.find(({ recognises }) => recognises(client))
  if (sdk !== undefined) instrument(client, sdk)
  return client
}

const instrument = (client: object, sdk: Sdk): object => {
  // A copy that the SDK makes with a measured class.
  if (wrapped.has(client)) return client
  const server = createServerReader(() => sdk.baseUrlOf(client), sdk.makerOf(client))
  for (const { path, method, api } of sdk.calls) {
    const resource = resourceAt(client, path)
    if (resource === undefined) continue
    override(resource, method, (make) => observed(make, resource, api, server))
    for (const starter of sdk.starters ?? []) override(resource, starter, (start) => guarded(start, resource))
  }
  sdk.finish?.(client)
  override(client, 'withOptions', (withOptions) => (options) => {
    const copy = withOptions.call(client, { ...(options as object), ...sdk.derivedOptions?.(client) })
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

const guarded =
  (start: Method, resource: object): Method =>
  (...args) => {
    // Anything milder is settled by the call that the helper makes.
    const refused = currentPolicy().onMissing === 'throw' ? refusal() : undefined
    if (refused !== undefined) throw refused
    return start.apply(resource, args)
  }

const observed =
  (create: Method, resource: object, apiOf: SdkCall['api'], server: () => Server): Method =>
  (body, ...rest) => {
    const api = typeof apiOf === 'function' ? apiOf(body) : apiOf
    if (api === undefined) return create.call(resource, body, ...rest)
    const active = context.active()
    const scope = scopeOf(active)
    const refused = refusal(scope)
    if (refused !== undefined) return refusedCall(refused)
    const identified = withUser(api, body, scope, server())
    const call = startCall(api, server, { active, scope }, body)
    if (call === undefined) return create.call(resource, identified, ...rest)
    const prepared = api.prepare(identified)
    try {
      // The span is current while the request goes out, so that spans of the HTTP client fall below it.
      const sent = context.with(trace.setSpan(active, call.span), () => create.call(resource, prepared.body, ...rest))
      return observePromise(sent, call, (data) => readAnswer(data, call, api, prepared))
    } catch (error) {
      call.fail(error)
      throw error
    }
  }

const withUser = (
  api: ModelApi,
  body: unknown,
  { attribution: { user } }: AttributionScope,
  server: Server,
): unknown => {
  const wanted = currentPolicy().sendUserToProviders && api.withUser !== undefined && server.isOwnHost
  return wanted && user !== undefined && isUserHash(user) ? api.withUser(body, user, server.provider) : body
}

const readAnswer = (data: unknown, call: ModelCall, api: ModelApi, { createReader }: PreparedCall): unknown => {
  const stream = api.streamIn === undefined ? data : api.streamIn(data)
  // Asked first, and alone for most answers: every stream can be iterated.
  if (!isAsyncIterable(stream)) call.succeed(api.answerOf(data))
  else if (isSdkStream(stream)) observeStream(stream, createReader(data), call)
  else if (isAsyncGenerator(stream)) observeGenerator(stream, createReader(data), call)
  else observeIterable(stream, createReader(data), call)
  return data
}
