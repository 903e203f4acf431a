import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { createTraceStripper } from '#src/redact/index.ts'
import { varintOf } from '../fuzz/wire-tree.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { sendProtobuf } from './http-client.ts'
import { decodeMessage, type Plain } from './otlp-schema.ts'
import { startReceiver } from './receiver-fixture.ts'
import { encodeRequest, hex, rawField, SPAN_ID, spanOf, textAttribute, TRACE_ID } from './requests.ts'

const MIB = 1024 ** 2

describe('L1: bombs', () => {
  test('64 at once are refused, and those who behave are served beside them', async () => {
    await using receiver = await startReceiver()
    const zeros = Buffer.alloc(8 * MIB)
    const bombs = { gzip: gzipSync(zeros, { level: 9 }), zstd: zstdCompressSync(zeros) }
    const sent = Array.from({ length: 64 }, (_, n) => (n % 2 === 0 ? ('gzip' as const) : ('zstd' as const))).map(
      (encoding) => sendProtobuf(receiver.port, bombs[encoding], { 'content-encoding': encoding }),
    )
    const good = await sendProtobuf(receiver.port, gzipSync(encodeRequest([spanOf()])), { 'content-encoding': 'gzip' })
    expect(good.code).toBe(200)
    expect(new Set((await Promise.all(sent)).map(({ code }) => code))).toEqual(new Set([413]))
    expect(receiver.counted.get('in flight')).toBe(0)
  })

  test('a bomb in a bomb is opened once', async () => {
    await using receiver = await startReceiver()
    const nested = gzipSync(gzipSync(Buffer.alloc(64 * MIB), { level: 9 }), { level: 9 })
    expect((await sendProtobuf(receiver.port, nested, { 'content-encoding': 'gzip' })).code).toBe(400)
  })
})

const many = (count: number, make: (n: number) => Plain): Plain[] => Array.from({ length: count }, (_, n) => make(n))

/** A span whose one attribute is a list in a list, so deep. */
const nestedTo = (depth: number): Buffer => {
  const [list, element] = [0x2a, 0x0a]
  // From the inside out: each prefix tells the length of all before it.
  const prefixes = [rawField(1, Buffer.from('x'))]
  let length = prefixes[0]?.length ?? 0
  for (let level = 0; level < depth; level += 1) {
    for (const tag of [element, list]) {
      const prefix = Buffer.concat([Buffer.from([tag]), varintOf(length)])
      prefixes.push(prefix)
      length += prefix.length
    }
  }
  const value = Buffer.concat(prefixes.reverse())
  const attribute = rawField(9, rawField(1, Buffer.from('outlay.deep')), rawField(2, value))
  const span = rawField(2, rawField(1, hex(TRACE_ID)), rawField(2, hex(SPAN_ID)), attribute)
  return rawField(1, rawField(2, span))
}

describe('L3: requests out of proportion', () => {
  const cases: readonly (readonly [string, () => Buffer, (span: Plain) => unknown, unknown])[] = [
    [
      '100,000 attributes',
      () => encodeRequest([spanOf({ attributes: many(100_000, (n) => textAttribute(`app.k${n}`, 'v')) })]),
      (span) => [(span['attributes'] as Plain[]).length, span['droppedAttributesCount']],
      [limits.attributesPerSpanMax, 100_000 - limits.attributesPerSpanMax],
    ],
    [
      '100,000 events',
      () => encodeRequest([spanOf({ events: many(100_000, () => ({ name: 'e' })) })]),
      (span) => [(span['events'] as Plain[]).length, span['droppedEventsCount']],
      [limits.attributesPerSpanMax, 100_000 - limits.attributesPerSpanMax],
    ],
    [
      '100,000 links',
      () => encodeRequest([spanOf({ links: many(100_000, () => ({ traceState: 'a=b' })) })]),
      (span) => [(span['links'] as Plain[]).length, span['droppedLinksCount']],
      [limits.attributesPerSpanMax, 100_000 - limits.attributesPerSpanMax],
    ],
    [
      'an attribute of 10 MB under a known name',
      () => encodeRequest([spanOf({ attributes: [textAttribute('outlay.feature', 'x'.repeat(10 * MIB))] })]),
      (span) => JSON.stringify(span['attributes']).length < 2 * limits.attributeValueBytesMax,
      true,
    ],
    ['values nested 10,000 deep', () => nestedTo(10_000), (span) => span['attributes'], undefined],
  ]

  test.each(cases)('%s: the span is kept, cut to its limits', async (_, make, look, expected) => {
    await using receiver = await startReceiver()
    expect((await sendProtobuf(receiver.port, make())).code).toBe(200)
    const [record] = await readAll(receiver.wal)
    const request = decodeMessage('ExportTraceServiceRequest', record?.body ?? Buffer.alloc(0)) as {
      resourceSpans: { scopeSpans: { spans: Plain[] }[] }[]
    }
    expect(look(request.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {})).toEqual(expected)
  })

  test('50,000 spans are one record', async () => {
    await using receiver = await startReceiver()
    const spans = many(50_000, (n) => spanOf({ spanId: hex((n + 1).toString(16).padStart(16, '0')) }))
    expect((await sendProtobuf(receiver.port, encodeRequest(spans))).code).toBe(200)
    expect((await readAll(receiver.wal)).map(({ spanCount }) => spanCount)).toEqual([50_000])
  })
})

test('L4: a hundred thousand distinct attribute names leave no memory behind', async () => {
  setFlagsFromString('--expose-gc')
  const collectOnce = runInNewContext('gc') as () => void
  const collect = async (): Promise<void> => {
    collectOnce()
    // Buffers go only after those who held them.
    await setImmediate()
    collectOnce()
  }
  const stripper = createTraceStripper()
  const strip = (requests: number): void => {
    for (let request = 0; request < requests; request += 1) {
      const attributes = many(1_000, (n) => textAttribute(`app.${request}.key${n}`, 'v'))
      stripper.strip(encodeRequest([spanOf({ attributes })]))
    }
  }
  strip(20)
  await collect()
  const before = process.memoryUsage()
  strip(100)
  await collect()
  const after = process.memoryUsage()
  expect((after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / MIB).toBeLessThan(8)
})
