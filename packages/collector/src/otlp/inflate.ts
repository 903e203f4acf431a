/**
 * Content encodings of OTLP/HTTP: gzip, deflate (zlib) and zstd, inflated with a bound on what comes out, large ones in the
 * thread pool. An answer covers only bytes that were read: anything behind the end of a stream is an error.
 */
import { limits } from '@outlay/core'
import { promisify } from 'node:util'
import {
  gunzip,
  gunzipSync,
  inflate,
  inflateSync,
  type InputType,
  type ZlibOptions,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib'

const COMPRESSIONS = ['gzip', 'zstd', 'deflate'] as const
type Compression = (typeof COMPRESSIONS)[number]
export type ContentEncoding = 'identity' | Compression

export const CONTENT_ENCODINGS: readonly ContentEncoding[] = ['identity', ...COMPRESSIONS]

/** Undefined if it is none of `allowed`. */
export const parseContentEncoding = (
  header: string | undefined,
  allowed: readonly ContentEncoding[],
): ContentEncoding | undefined => {
  const name = (header ?? '').trim().toLowerCase()
  return allowed.find((each) => each === (name === '' ? 'identity' : name))
}

export type InflateResult =
  | { readonly status: 'inflated'; readonly body: Buffer }
  /** Not a complete stream of that encoding, or something behind it. */
  | { readonly status: 'malformed' }
  | { readonly status: 'too_large' }
  /** All slots taken and the queue full. */
  | { readonly status: 'busy' }

export interface InflaterSettings {
  readonly bodyBytesMax: number
  /** Output may be this many times the input beyond `ratioFreeBytes`. */
  readonly ratioMax: number
  readonly ratioFreeBytes: number
  /** Of one zstd body; encoders of whole bodies write one. */
  readonly zstdFramesMax: number
  readonly concurrencyMax: number
  readonly queueMax: number
}

interface InflatedInfo {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

type Bounded = ZlibOptions & { readonly maxOutputLength: number; readonly chunkSize: number }
type InflateFunction = (encoding: Compression, wire: Buffer, options: Bounded) => InflatedInfo | Promise<InflatedInfo>
type InflateWithInfo = (input: InputType, options: ZlibOptions) => InflatedInfo | Promise<InflatedInfo>

const IN_THREAD_POOL = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
} as unknown as Record<Compression, InflateWithInfo>

const AT_ONCE = {
  gzip: gunzipSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
} as unknown as Record<Compression, InflateWithInfo>

const KIB = 1024
const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'

/**
 * The way to the thread pool and back costs more than inflating little: a request of one span takes 4 µs instead of 27, one of
 * 512 spans 140 instead of 200 and more. What turns out to be large goes there all the same, so that no body holds the event
 * loop for longer than it takes to inflate `inflateAtOnceBytesMax`.
 */
const inflateWithInfo: InflateFunction = (encoding, wire, options) => {
  if (wire.length > limits.inflateAtOnceWireBytesMax) return IN_THREAD_POOL[encoding](wire, options)
  const maxOutputLength = Math.min(options.maxOutputLength, limits.inflateAtOnceBytesMax)
  try {
    const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(options.chunkSize, maxOutputLength))
    return AT_ONCE[encoding](wire, { ...options, chunkSize, maxOutputLength })
  } catch (error) {
    if (!isTooLarge(error) || maxOutputLength === options.maxOutputLength) throw error
    return IN_THREAD_POOL[encoding](wire, options)
  }
}

const CHUNK_BYTES_MIN = 1 * KIB
const CHUNK_BYTES_MAX = 4 * KIB * KIB
/** Traces shrink about this much. */
const USUAL_RATIO = 16
/** Of a told size nothing less is believed: many small pieces would be slow. */
const LEAST_RATIO = 4
const GZIP_SIZE_BYTES = 4

/**
 * Memory for the output. Each piece costs a trip to the thread pool and back, and all pieces are copied together; so one
 * piece that just holds everything is best. Gzip ends with the size of its content, which may be a lie: then there are
 * more pieces, or a piece is too large, up to a bound.
 */
const chunkBytesFor = (encoding: Compression, wire: Buffer, maxOutputLength: number): number => {
  const isTold = encoding === 'gzip' && wire.length > GZIP_SIZE_BYTES
  // One more than the content: a full piece would be followed by an empty one.
  const expected = isTold
    ? Math.max(wire.readUInt32LE(wire.length - GZIP_SIZE_BYTES) + 1, wire.length * LEAST_RATIO)
    : wire.length * USUAL_RATIO
  return Math.max(CHUNK_BYTES_MIN, Math.min(expected, maxOutputLength, CHUNK_BYTES_MAX))
}

export class Inflater {
  readonly #settings: InflaterSettings
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(settings: InflaterSettings) {
    this.#settings = settings
  }

  async inflate(encoding: Compression, wire: Buffer): Promise<InflateResult> {
    if (!(await this.#enter())) return { status: 'busy' }
    try {
      return await this.#inflateNow(encoding, wire)
    } finally {
      this.#leave()
    }
  }

  async #inflateNow(encoding: Compression, wire: Buffer): Promise<InflateResult> {
    const { bodyBytesMax, ratioMax, ratioFreeBytes } = this.#settings
    const maxOutputLength = Math.min(bodyBytesMax, Math.max(ratioFreeBytes, wire.length * ratioMax))
    const options = { maxOutputLength, chunkSize: chunkBytesFor(encoding, wire, maxOutputLength), info: true }
    try {
      if (encoding === 'gzip')
        return { status: 'inflated', body: (await inflateWithInfo(encoding, wire, options)).buffer }
      if (encoding === 'zstd') return await this.#unzstd(wire, maxOutputLength)
      const { buffer, engine } = await inflateWithInfo(encoding, wire, options)
      // zlib stops at the end of its stream and says nothing about what follows; gunzip goes on or fails by itself.
      return engine.bytesWritten === wire.length ? { status: 'inflated', body: buffer } : { status: 'malformed' }
    } catch (error) {
      return { status: isTooLarge(error) ? 'too_large' : 'malformed' }
    }
  }

  /** Node decodes the first frame and says nothing about what follows, so every frame is asked for. */
  async #unzstd(wire: Buffer, maxOutputLength: number): Promise<InflateResult> {
    const frames: Buffer[] = []
    let [read, written] = [0, 0]
    while (read < wire.length) {
      if (frames.length === this.#settings.zstdFramesMax) return { status: 'malformed' }
      // A bound of 0 is refused, and frames without content are allowed behind the last byte.
      const left = Math.max(1, maxOutputLength - written)
      const { buffer, engine } = await inflateWithInfo('zstd', wire.subarray(read), {
        maxOutputLength: left,
        chunkSize: chunkBytesFor('zstd', wire.subarray(read), left),
        info: true,
      })
      frames.push(buffer)
      read += engine.bytesWritten
      written += buffer.length
    }
    if (written > maxOutputLength) return { status: 'too_large' }
    return { status: 'inflated', body: frames.length === 1 && frames[0] ? frames[0] : Buffer.concat(frames) }
  }

  #enter(): Promise<boolean> {
    if (this.#running < this.#settings.concurrencyMax) {
      this.#running += 1
      return Promise.resolve(true)
    }
    if (this.#queue.length >= this.#settings.queueMax) return Promise.resolve(false)
    return new Promise((resolve) => {
      this.#queue.push(() => resolve(true))
    })
  }

  /** The slot goes to the next in line, so the count stays. */
  #leave(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#running -= 1
    else next()
  }
}
