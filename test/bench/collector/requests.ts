/**
 * Bodies to send. A few are built whole; every request is one of them with trace ids of its own, since a collector
 * recognises a body that it has seen.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { transcodeJsonRequest } from '../../../packages/collector/src/otlp/index.ts'
import { outlay } from '../normalize/dialects/outlay.ts'
import { usageOf } from '../normalize/dialects/bench-dialect.ts'
import { BENCH_DIALECTS, jsonRequestOf, type PlacedSpan, TRACE_SIZES, traceOf } from '../normalize/traces.ts'
import type { Sending } from './work.ts'

const TEMPLATES_MAX = 16
const OWN_TRACE_SIZE = 5

/** Net tokens by meter, and how many calls they are of. */
export interface CallSums {
  readonly calls: number
  readonly meters: Readonly<Record<string, number>>
}

export interface Template {
  readonly body: Buffer
  /** Of the calls of our own dialect. */
  readonly sums: CallSums
}

const mixedSpans = (count: number, first: number): PlacedSpan[] => {
  const spans: PlacedSpan[] = []
  for (let ordinal = first; spans.length < count; ordinal += 1) {
    const dialect = BENCH_DIALECTS[ordinal % BENCH_DIALECTS.length] ?? outlay
    const size = TRACE_SIZES[Math.floor(ordinal / BENCH_DIALECTS.length) % TRACE_SIZES.length] ?? 1
    spans.push(...traceOf(dialect, spans.length + size > count ? 1 : size, ordinal))
  }
  return spans
}

const ownSpans = (count: number, first: number): PlacedSpan[] => {
  const spans: PlacedSpan[] = []
  for (let ordinal = first; spans.length < count; ordinal += 1) {
    spans.push(...traceOf(outlay, spans.length + OWN_TRACE_SIZE > count ? 1 : OWN_TRACE_SIZE, ordinal))
  }
  return spans
}

const isCall = ({ sketch }: PlacedSpan): boolean => sketch.attributes['gen_ai.operation.name'] === 'chat'

const sumsOf = (spans: readonly PlacedSpan[]): CallSums => {
  const calls = spans.filter(isCall)
  const meters = { input: 0, cache_read: 0, cache_write_5m: 0, output: 0 }
  for (const { n } of calls) {
    const { input, output, cacheRead, cacheWrite } = usageOf(n)
    meters.input += input - cacheRead - cacheWrite
    meters.cache_read += cacheRead
    meters.cache_write_5m += cacheWrite
    meters.output += output
  }
  return { calls: calls.length, meters }
}

const withoutContent = (spans: readonly PlacedSpan[]): PlacedSpan[] =>
  spans.map((span) => ({ ...span, sketch: { ...span.sketch, content: {} } }))

const FIRST_STEP = 100_000

export const templatesOf = (sending: Sending): readonly Template[] =>
  Array.from({ length: TEMPLATES_MAX }, (_, index) => {
    const { spansPerRequest, dialects, withPrompts, encoding } = sending
    const made = (dialects === 'own' ? ownSpans : mixedSpans)(spansPerRequest, index * FIRST_STEP)
    const json = JSON.stringify(jsonRequestOf(withPrompts ? made : withoutContent(made)))
    return { body: encoding === 'json' ? Buffer.from(json) : transcodeJsonRequest(json), sums: sumsOf(made) }
  })

/** The first half of a made-up trace id is zeros. */
const HALF_ID_BYTES = 8
const ZEROS = Buffer.alloc(HALF_ID_BYTES)
const PROTOBUF_ID = Buffer.concat([Buffer.from([0x0a, 0x10]), ZEROS])
const JSON_ID = Buffer.from(`"traceId":"${ZEROS.toString('hex')}`)

/** The same request with other trace ids; `salt` tells requests apart. */
export const saltBody = (body: Buffer, { encoding }: Sending, salt: number): Buffer => {
  const salted = Buffer.from(body)
  const bytes = Buffer.alloc(HALF_ID_BYTES)
  bytes.writeBigUInt64BE(BigInt(salt))
  const [mark, value] = encoding === 'json' ? [JSON_ID, Buffer.from(bytes.toString('hex'))] : [PROTOBUF_ID, bytes]
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    value.copy(salted, at + mark.length - (encoding === 'json' ? value.length : HALF_ID_BYTES))
  }
  return salted
}

export const compress = (body: Buffer, { compression }: Sending): Buffer => {
  if (compression === 'gzip') return gzipSync(body)
  return compression === 'zstd' ? zstdCompressSync(body) : body
}
