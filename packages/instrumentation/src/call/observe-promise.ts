/**
 * Follows an SDK's `APIPromise` without changing what the caller can do with it: the same lazy parse,
 * `withResponse`, `asResponse`, helpers that derive promises from it, and the same error objects.
 */
import type { ModelCall } from './model-call.ts'

/** The part of `APIPromise` that both SDKs share. */
interface ApiPromise extends Promise<unknown> {
  asResponse(): Promise<unknown>
  withResponse(): Promise<unknown>
  parse(): Promise<unknown>
  _thenUnwrap(transform: (data: unknown, props: unknown) => unknown): ApiPromise
}

const isApiPromise = (value: unknown): value is ApiPromise =>
  value instanceof Promise && '_thenUnwrap' in value && 'parse' in value && 'asResponse' in value

/** `onAnswer` sees the parsed answer, or the stream, before the caller and returns what the caller gets. */
export const observePromise = (answer: unknown, call: ModelCall, onAnswer: (data: unknown) => unknown): unknown => {
  if (isApiPromise(answer)) {
    shareParsed(answer)
    return followApiPromise(answer._thenUnwrap(onAnswer), call)
  }
  if (isHttpResponsePromise(answer)) return followHttpResponse(answer, call, onAnswer)
  if (!(answer instanceof Promise)) return onAnswer(answer)
  return answer.then(onAnswer, (error: unknown) => {
    call.fail(error)
    throw error
  })
}

/**
 * Another instrumentation below has asked for the answer already. A body can be read only once: that reading serves every
 * promise derived from this one as well.
 */
const shareParsed = (answer: ApiPromise): void => {
  const parse: unknown = Reflect.get(answer, 'parseResponse')
  if (Reflect.get(answer, 'parsedPromise') === undefined || typeof parse !== 'function') return
  let parsed: unknown
  Reflect.set(answer, 'parseResponse', (...args: unknown[]) => (parsed ??= parse.apply(answer, args)))
}

/**
 * Overrides on the one object: the class is the SDK's, and a promise that it derives must be followed as well.
 * Both SDKs route `then`, `catch`, `finally` and `withResponse` through `parse`.
 */
const followApiPromise = (promise: ApiPromise, call: ModelCall): ApiPromise => {
  const parse = promise.parse.bind(promise)
  const asResponse = promise.asResponse.bind(promise)
  const derive = promise._thenUnwrap.bind(promise)
  const failing = (error: unknown): never => {
    call.fail(error)
    throw error
  }
  let parsed: Promise<unknown> | undefined
  promise.parse = () => (parsed ??= parse().then(undefined, failing))
  promise.asResponse = () =>
    asResponse().then((response) => {
      if (parsed === undefined) call.leaveUnread()
      return response
    }, failing)
  promise._thenUnwrap = (transform) => followApiPromise(derive(transform), call)
  return promise
}

/** Promises of Cohere's SDK: everything that they can do goes through the one inside. */
interface HttpResponsePromise extends Promise<unknown> {
  innerPromise: Promise<{ readonly data: unknown }>
}

const isHttpResponsePromise = (value: unknown): value is HttpResponsePromise =>
  value instanceof Promise && 'withRawResponse' in value && 'innerPromise' in value

const followHttpResponse = (
  promise: HttpResponsePromise,
  call: ModelCall,
  onAnswer: (data: unknown) => unknown,
): HttpResponsePromise => {
  promise.innerPromise = promise.innerPromise.then(
    (result) => ({ ...result, data: onAnswer(result.data) }),
    (error: unknown) => {
      call.fail(error)
      throw error
    },
  )
  return promise
}

const reject = async (error: Error): Promise<never> => {
  throw error
}

/** A call that was never made, in the shape that the caller expects. */
export const refusedCall = (error: Error): Promise<never> => {
  const refused = reject(error)
  const same = (): Promise<never> => refused
  return Object.assign(refused, {
    asResponse: same,
    withResponse: same,
    parse: same,
    _thenUnwrap: same,
    withRawResponse: same,
  })
}
