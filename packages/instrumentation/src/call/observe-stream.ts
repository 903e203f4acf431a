/**
 * Follows an SDK's `Stream` in place: the object, its controller, `tee` and `toReadableStream` stay the SDK's.
 * Only its source of events is replaced, which every way of reading goes through.
 */
import type { StreamReader } from './model-api.ts'
import type { ModelCall } from './model-call.ts'
import { fieldOf } from './untyped.ts'

interface SdkStream extends AsyncIterable<unknown> {
  iterator: () => AsyncIterator<unknown>
}

export const isSdkStream = (value: AsyncIterable<unknown>): value is SdkStream =>
  typeof fieldOf(value, 'iterator') === 'function'

/** What other instrumentations hand out in place of the SDK's stream. */
export const isAsyncGenerator = (value: AsyncIterable<unknown>): value is AsyncGenerator =>
  typeof fieldOf(value, 'next') === 'function' && typeof fieldOf(value, 'return') === 'function'

/** Streams of SDKs that have no more than this. */
export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, Symbol.asyncIterator) === 'function'

/** Streams that the app forgot: without this their calls would never be counted. */
const forgotten = new FinalizationRegistry<ModelCall>((call) => call.cancel())

/** `stream` must not be reachable from `call`. */
export const cancelWhenForgotten = (stream: object, call: ModelCall): void => forgotten.register(stream, call)

interface Reading {
  pending: number
}

export const observeStream = (stream: SdkStream, reader: StreamReader, call: ModelCall): void => {
  const reading: Reading = { pending: 0 }
  call.follow(reader.answer)
  forgotten.register(stream, call)
  signalOf(stream)?.addEventListener('abort', abortListener(call, reading), { once: true })
  replaceSource(stream, reader, call, reading)
}

/** As `observeStream`, where there is nothing but a generator: its own methods are replaced. */
export const observeGenerator = (generator: AsyncGenerator, reader: StreamReader, call: ModelCall): void => {
  call.follow(reader.answer)
  forgotten.register(generator, call)
  const source: AsyncIterator<unknown> = {
    next: generator.next.bind(generator),
    return: generator.return.bind(generator),
    throw: generator.throw.bind(generator),
  }
  const { [Symbol.asyncIterator]: _itself, ...methods } = followIterator(source, {
    stream: generator,
    reader,
    call,
    reading: { pending: 0 },
  })
  Object.assign(generator, methods)
}

/** As `observeStream`, where all that is known of a stream is that it can be iterated. */
export const observeIterable = (iterable: AsyncIterable<unknown>, reader: StreamReader, call: ModelCall): void => {
  const reading: Reading = { pending: 0 }
  call.follow(reader.answer)
  forgotten.register(iterable, call)
  const source = iterable[Symbol.asyncIterator]
  const value = () => followIterator(source.call(iterable), { stream: iterable, reader, call, reading })
  Object.defineProperty(iterable, Symbol.asyncIterator, { value, configurable: true, writable: true })
}

// One function each: what closes over the call must not close over the stream, or it could never be collected.

/** While a read is pending its result tells more: the SDKs abort on errors of their own, too. */
const abortListener =
  (call: ModelCall, reading: Reading): (() => void) =>
  () => {
    if (reading.pending === 0) call.cancel()
  }

const replaceSource = (stream: SdkStream, reader: StreamReader, call: ModelCall, reading: Reading): void => {
  const source = stream.iterator
  stream.iterator = () => followIterator(source.call(stream), { stream, reader, call, reading })
}

const signalOf = (stream: object): AbortSignal | undefined => {
  const signal = fieldOf(fieldOf(stream, 'controller'), 'signal')
  return signal instanceof AbortSignal ? signal : undefined
}

interface Following {
  /** Held so that a stream is not taken for forgotten while its iterator is in use. */
  readonly stream: object
  readonly reader: StreamReader
  readonly call: ModelCall
  readonly reading: Reading
}

const followIterator = (source: AsyncIterator<unknown>, following: Following): AsyncIterableIterator<unknown> => {
  const { stream, reader, call, reading } = following
  const next = async (): Promise<IteratorResult<unknown>> => {
    let result: IteratorResult<unknown>
    reading.pending += 1
    try {
      do result = await source.next()
      while (result.done !== true && !reader.read(result.value))
    } catch (error) {
      call.fail(error, reader.counted ? 'reported' : 'partial')
      throw error
    } finally {
      reading.pending -= 1
    }
    if (result.done === true) endOf(reader, call, signalOf(stream)?.aborted === true)
    return result
  }
  return {
    next,
    return: async (value?: unknown) => {
      stopEarly(reader, call)
      return (await source.return?.(value)) ?? { done: true, value }
    },
    throw: async (error?: unknown) => {
      stopEarly(reader, call)
      if (source.throw !== undefined) return source.throw(error)
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** The source has no more events. An aborted stream ends quietly in both SDKs, so the end alone proves nothing. */
export const endOf = (reader: StreamReader, call: ModelCall, aborted: boolean): void => {
  if (reader.counted || (reader.finished && !aborted)) call.succeed(reader.answer())
  else call.succeedInPart(reader.answer())
}

/** The caller has stopped listening. */
export const stopEarly = (reader: StreamReader, call: ModelCall): void => {
  if (reader.counted) call.succeed(reader.answer())
  else call.cancel()
}
