/**
 * Follows an SDK's `APIPromise` without changing what the caller can do with it: the same lazy parse,
 * `withResponse`, `asResponse`, helpers that derive promises from it, and the same error objects.
 */
import type { ModelCall } from './model-call.ts'

/** The part of `APIPromise` that both SDKs share. */
interface ApiPromise extends Promise<unknown> {
  asResponse: () => Promise<unknown>
  parse: () => Promise<unknown>
  _thenUnwrap: (transform: (data: unknown, props: unknown) => unknown) => ApiPromise
}

const isApiPromise = (value: unknown): value is ApiPromise =>
  value instanceof Promise && '_thenUnwrap' in value && 'parse' in value && 'asResponse' in value

/** Sees the parsed answer, or the stream, before the caller and returns what the caller gets. */
type OnAnswer = (data: unknown) => unknown

export const observePromise = (answer: unknown, call: ModelCall, onAnswer: OnAnswer): unknown => {
  if (isApiPromise(answer)) {
    shareParsed(answer)
    return followApiPromise(answer, call, onAnswer)
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

const unchanged: OnAnswer = (data) => data

/**
 * Overrides on the one object: the class is the SDK's, and a promise that it derives must be followed as well.
 * Both SDKs route `then`, `catch`, `finally` and `withResponse` through `parse`, so that the promise itself can be followed:
 * to derive one for that would double what the SDK spends on it.
 */
const followApiPromise = (promise: ApiPromise, call: ModelCall, onAnswer: OnAnswer): ApiPromise => {
  const { parse, asResponse, _thenUnwrap } = promise
  const failing = (error: unknown): never => {
    call.fail(error)
    throw error
  }
  const seen: OnAnswer = (data) => {
    try {
      return onAnswer(data)
    } catch (error) {
      return failing(error)
    }
  }
  let parsed: Promise<unknown> | undefined
  promise.parse = () => (parsed ??= parse.call(promise).then(seen, failing))
  promise.asResponse = () =>
    asResponse.call(promise).then((response) => {
      if (parsed === undefined) call.leaveUnread()
      return response
    }, failing)
  // A derived promise parses for itself: it passes by `parse` above.
  promise._thenUnwrap = (transform) =>
    followApiPromise(
      _thenUnwrap.call(promise, (data, props) => transform(seen(data), props)),
      call,
      unchanged,
    )
  return promise
}

/** Promises of Cohere's SDK: everything that they can do goes through the one inside. */
interface HttpResponsePromise extends Promise<unknown> {
  innerPromise: Promise<{ readonly data: unknown }>
}

const isHttpResponsePromise = (value: unknown): value is HttpResponsePromise =>
  value instanceof Promise && 'withRawResponse' in value && 'innerPromise' in value

const followHttpResponse = (promise: HttpResponsePromise, call: ModelCall, onAnswer: OnAnswer): HttpResponsePromise => {
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
