/** P15: one corpus over every transport, in every encoding and compression: the same bytes of rows. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { encodeUnit, spansTable } from '@outlay/clickhouse'
import { expect, test } from 'vitest'
import { decodeTraceRequest } from '#src/otlp/index.ts'
import { spanRowOf } from '../span-row-of.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { sendGrpc } from './grpc-client.ts'
import { sendProtobuf } from './http-client.ts'
import { encodeMessage, type Plain } from './otlp-schema.ts'
import { type Receiver, startReceiver } from './receiver-fixture.ts'
import { SPAN_ID, TRACE_ID } from './requests.ts'

const FIXTURES = new URL('../fixtures/otlp-dialect-cases.json', import.meta.url)

const values: readonly (readonly [string, Plain])[] = [
  ['app.text', { stringValue: '👩‍👩‍👧‍👦 \u0000 שלום \u202Eabc e\u0301' }],
  ['app.large', { intValue: '9007199254740993' }],
  ['app.least', { intValue: '-9223372036854775808' }],
  ['app.nan', { doubleValue: 'NaN' }],
  ['app.zero', { doubleValue: -0 }],
  ['app.tiny', { doubleValue: 5e-324 }],
  ['app.bool', { boolValue: true }],
  ['app.empty', { stringValue: '' }],
  ['gen_ai.response.finish_reasons', { arrayValue: { values: [{ stringValue: 'stop' }, { intValue: '1' }] } }],
  ['gen_ai.prompt', { stringValue: 'is left out' }],
  ['app.text', { stringValue: 'the last one counts' }],
]

/** What the fixtures do not have, as JSON of OTLP. */
const EDGES: Plain = {
  resourceSpans: [
    {
      resource: { attributes: values.map(([key, value]) => ({ key, value })) },
      scopeSpans: [
        {
          scope: { name: 'a scope', version: '1.2.3' },
          spans: [
            {
              traceId: TRACE_ID,
              spanId: SPAN_ID,
              parentSpanId: '2122232425262728',
              name: 'edges',
              kind: 5,
              startTimeUnixNano: '18446744073709551615',
              endTimeUnixNano: '1',
              attributes: values.map(([key, value]) => ({ key, value })),
              status: { code: 2, message: 'is left out' },
            },
          ],
        },
      ],
    },
  ],
}

const corpus: readonly Plain[] = [
  ...(JSON.parse(readFileSync(FIXTURES, 'utf8')) as readonly { readonly otlp: Plain }[]).map(({ otlp }) => otlp),
  EDGES,
]

/** JSON of OTLP writes ids as hex and odd doubles as text. */
const plainOf = (key: string, value: unknown): unknown => {
  if (typeof value === 'string' && /^(trace|span|parentSpan)Id$/.test(key)) return Buffer.from(value, 'hex')
  if (key === 'doubleValue') return Number(value)
  if (Array.isArray(value)) return value.map((inner) => plainOf('', inner))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainOf(name, inner)]))
}
/** By an encoder that is not ours. */
const protobufOf = (request: Plain): Buffer => encodeMessage('ExportTraceServiceRequest', plainOf('', request) as Plain)

/** Text, so that it is JSON as it is sent: `JSON.stringify` has no way to write -0. */
const jsonOf = (request: Plain): Buffer =>
  Buffer.from(JSON.stringify(request, (_, value: unknown) => (Object.is(value, -0) ? '-0' : value)))

const COMPRESSIONS = {
  identity: (body: Buffer) => body,
  gzip: (body: Buffer) => gzipSync(body),
  zstd: (body: Buffer) => zstdCompressSync(body),
  deflate: (body: Buffer) => deflateSync(body),
} as const
type Compression = keyof typeof COMPRESSIONS

interface Ports {
  readonly http: number
  readonly grpc: number
}
type Send = (ports: Ports, request: Plain) => Promise<number>

const overHttp =
  (encoding: 'json' | 'protobuf', compression: Compression): Send =>
  async ({ http }, request) => {
    const body = COMPRESSIONS[compression](encoding === 'json' ? jsonOf(request) : protobufOf(request))
    const headers: Record<string, string> = compression === 'identity' ? {} : { 'content-encoding': compression }
    const type = { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf' }
    return (await sendProtobuf(http, body, { ...headers, ...type })).code
  }

/** Of the rows that the log of a receiver becomes, but for the place and the time that a log gives. */
const digestOf = async ({ wal }: Receiver): Promise<string> => {
  const rows = (await readAll(wal)).flatMap(({ body }, record) =>
    decodeTraceRequest(body, { authority: 'local', receivedUnixNano: 1n }).spans.map((span, pos) =>
      spanRowOf(span, { walId: 'the same', lsn: BigInt(record + 1), pos }),
    ),
  )
  expect(rows.length).toBeGreaterThan(corpus.length)
  return createHash('sha256')
    .update(encodeUnit(spansTable, rows, 'token').body)
    .digest('hex')
}

test('P15: rows are the same, byte for byte, however their spans came', async () => {
  const compressions = Object.keys(COMPRESSIONS) as readonly Compression[]
  const ways: readonly (readonly [string, Send])[] = [
    ...compressions.map((each) => [`HTTP protobuf ${each}`, overHttp('protobuf', each)] as const),
    ...compressions.map((each) => [`HTTP JSON ${each}`, overHttp('json', each)] as const),
    ...[false, true].map((gzip): readonly [string, Send] => [
      gzip ? 'gRPC gzip' : 'gRPC identity',
      async ({ grpc }, request) => {
        const { code } = await sendGrpc(grpc, protobufOf(request), { gzip })
        return code === 0 ? 200 : code
      },
    ]),
  ]
  const digests: Record<string, string> = {}
  for (const [name, send] of ways) {
    await using receiver = await startReceiver()
    const ports = { http: receiver.port, grpc: await receiver.listenGrpc() }
    for (const request of corpus) expect(await send(ports, request)).toBe(200)
    digests[name] = await digestOf(receiver)
  }
  expect(Object.keys(digests)).toHaveLength(10)
  const [first] = Object.values(digests)
  expect(digests).toEqual(Object.fromEntries(ways.map(([name]) => [name, first])))
})
