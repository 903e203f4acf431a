/**
 * D1–D6, D9: values at their edges, from the wire to the row and back, through one collector and a real database. Requests
 * are written by an encoder that is not ours.
 */
import { type CallRow, callsTable, quarantineTable, readRows, type SpanRow, spansTable } from '@outlay/clickhouse'
import { evidenceOf } from '@outlay/collector'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { encodeMessage, type Plain } from '../../packages/collector/test/otlp/otlp-schema.ts'
import { targetsThatDiffer } from '../harness/conservation.ts'
import { ownCall } from '../harness/otlp-spans.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** Other suites run beside. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const DAY_NANOS = 86_400_000_000_000n
const NOW_NANOS = BigInt(Date.now()) * 1_000_000n
const UINT64_MAX = 2n ** 64n - 1n

let ledger: TestLedger
let database: string
let running: TestCollector
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  running = await startTestCollector(ledger, database)
})
afterAll(async () => {
  await running?.close()
  await ledger?.close()
})

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
const text = (stringValue: string): Plain => ({ stringValue })

/** A complete call with more attributes, one trace each. */
const call = (n: number, more: readonly (readonly [string, Plain])[] = [], span: Plain = {}): Plain => {
  const own = Object.entries(ownCall(n, n).attributes ?? {}).map(([key, value]) => ({
    key,
    value: text(String(value)),
  }))
  return {
    traceId: Buffer.from(hex(n, 32), 'hex'),
    spanId: Buffer.from(hex(n, 16), 'hex'),
    name: 'chat',
    kind: 3,
    startTimeUnixNano: String(NOW_NANOS),
    endTimeUnixNano: String(NOW_NANOS + 1_000_000n),
    ...span,
    attributes: [...own, ...more.map(([key, value]) => ({ key, value }))],
  }
}

const bodyOf = (spans: readonly Plain[]): Buffer =>
  encodeMessage('ExportTraceServiceRequest', {
    resourceSpans: [{ scopeSpans: [{ scope: { name: '@outlay/instrumentation' }, spans }] }],
  })

const send = async (body: Buffer | string): Promise<void> => {
  const type = typeof body === 'string' ? 'application/json' : 'application/x-protobuf'
  const answer = await fetch(`${running.collector.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })
  expect(answer.status).toBe(200)
  expect((await answer.arrayBuffer()).byteLength).toBeLessThanOrEqual(2)
}

const whereOf = (from: number, to: number): { readonly where: string } => ({
  where: `span_id >= unhex('${hex(from, 16)}') AND span_id <= unhex('${hex(to, 16)}')`,
})
const rowsOf = async (from: number, to = from): Promise<readonly SpanRow[]> =>
  (await readRows(ledger.client, database, spansTable, whereOf(from, to))).toSorted((a, b) =>
    a.span_id.localeCompare(b.span_id),
  )
const callsOf = (from: number, to = from): Promise<CallRow[]> =>
  readRows(ledger.client, database, callsTable, whereOf(from, to))

describe('what is stored', () => {
  test('D1: integers and times are exact to the last unit', async () => {
    const values = [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, -1n, 0n]
    const attributes = values.map((value, n) => [`app.n${n}`, { intValue: String(value) }] as const)
    const times = { startTimeUnixNano: '1790000000123456789', endTimeUnixNano: '1790000000123456790' }
    await send(bodyOf([call(1, attributes, times)]))
    await running.collector.settled()
    const [row] = await rowsOf(1)
    expect(values.map((_, n) => row?.attributes_int[`app.n${n}`])).toEqual(values)
    expect([row?.start_unix_nano, row?.end_unix_nano]).toEqual([1790000000123456789n, 1790000000123456790n])
  })

  test('D2: text comes back as it was sent; what is no UTF-8 is replaced and costs nothing else', async () => {
    const texts = [
      '\u0000 NUL',
      '👩‍👩‍👧‍👦 family',
      'שלום \u202Eabc',
      'e\u0301 and \u00E9',
      '\uFEFFmark',
      "'; DROP TABLE spans; --",
    ]
    const attributes = texts.map((value, n) => [`app.t${n}`, text(value)] as const)
    const body = bodyOf([call(2, [...attributes, ['app.bad', text('MARKED')]])])
    body.fill(0xff, body.indexOf('MARKED'), body.indexOf('MARKED') + 2)
    await send(body)
    const surrogate = { key: 'app.half', value: { stringValue: '\uD83D half' } }
    const json = { traceId: hex(3, 32), spanId: hex(3, 16), name: 'chat', attributes: [surrogate] }
    await send(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [json] }] }] }))
    await running.collector.settled()
    const [row, half] = await rowsOf(2, 3)
    expect(texts.map((_, n) => row?.attributes_string[`app.t${n}`])).toEqual(texts)
    expect(row?.attributes_string['app.bad']).toBe('\uFFFD\uFFFDRKED')
    expect(half?.attributes_string['app.half']).toBe('\uFFFD half')
    expect(await callsOf(2)).toHaveLength(1)
  })

  test('D3: any time is taken: 150 days in one request, 0, the last nanosecond, the year 2300, an end before its start', async () => {
    const days = Array.from({ length: 150 }, (_, n) => NOW_NANOS - BigInt(n) * DAY_NANOS)
    const year2300 = BigInt(Date.UTC(2300, 0, 1)) * 1_000_000n
    const odd = [0n, UINT64_MAX, year2300]
    const starts = [...days, ...odd, NOW_NANOS]
    const spans = starts.map((start, n) => {
      const isLast = n === starts.length - 1
      const end = isLast ? start - 5_000_000_000n : start
      return call(1_000 + n, [], { startTimeUnixNano: String(start), endTimeUnixNano: String(end) })
    })
    await send(bodyOf(spans))
    await running.collector.settled()
    const rows = await rowsOf(1_000, 1_000 + starts.length)
    expect(rows.map(({ start_unix_nano }) => start_unix_nano)).toEqual(starts)
    const calls = await callsOf(1_000, 1_000 + starts.length)
    expect(calls.map(({ sign }) => sign)).toEqual(starts.map(() => 1))
    const clamped = calls
      .filter(({ flags }) => flags.includes('time_clamped'))
      .map(({ span_id }) => Number(`0x${span_id}`))
    expect(clamped.toSorted((a, b) => a - b)).toEqual(odd.map((_, n) => 1_000 + days.length + n))
    const reversed = calls.filter(({ flags }) => flags.includes('end_before_start'))
    expect(reversed.map(({ span_id, duration_ns }) => [span_id, duration_ns])).toEqual([[rows.at(-1)?.span_id, 0n]])
    expect(rows.at(-1)?.end_unix_nano).toBe(NOW_NANOS - 5_000_000_000n)
    expect(await targetsThatDiffer(ledger, database)).toEqual([])
  })

  test('D4: of equal names the last one counts; empty values and lists stay', async () => {
    const list = { arrayValue: { values: [text('stop'), text('length')] } }
    await send(
      bodyOf([
        call(4, [
          ['app.twice', text('first')],
          ['app.twice', { intValue: '2' }],
          ['app.empty', text('')],
          ['app.nothing', {}],
          ['gen_ai.response.finish_reasons', list],
        ]),
      ]),
    )
    await running.collector.settled()
    const [row] = await rowsOf(4)
    expect(row?.attributes_int).toEqual({ 'app.twice': 2n })
    expect(row?.attributes_string).toMatchObject({
      'app.empty': '',
      'gen_ai.response.finish_reasons': '["stop","length"]',
    })
    expect(Object.keys({ ...row?.attributes_string, ...row?.attributes_bool })).not.toContain('app.nothing')
    expect(row?.attributes_string).not.toHaveProperty('app.twice')
  })

  test('D5: doubles are the same bits', async () => {
    const values = [Number.NaN, Infinity, -Infinity, -0, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, 0.1]
    await send(
      bodyOf([
        call(
          5,
          values.map((value, n) => [`app.d${n}`, { doubleValue: value }] as const),
        ),
      ]),
    )
    await running.collector.settled()
    const [row] = await rowsOf(5)
    const back = values.map((_, n) => row?.attributes_double[`app.d${n}`])
    expect(back).toEqual(values)
  })

  test('D6: a span that comes twice, in one request or in two, counts once; of two contents under one id one counts', async () => {
    const longer = { endTimeUnixNano: String(NOW_NANOS + 9_000_000n) }
    await send(bodyOf([call(6), call(6), call(7), call(7, [['app.other', text('x')]], longer)]))
    await send(bodyOf([call(6), call(6), call(7), call(7, [['app.other', text('x')]], longer)]))
    await send(bodyOf([call(7), call(6)]))
    await running.collector.settled()
    const net = async (n: number): Promise<number> => (await callsOf(n)).reduce((sum, { sign }) => sum + sign, 0)
    expect([await net(6), await net(7)]).toEqual([1, 1])
    expect(await targetsThatDiffer(ledger, database)).toEqual([])
  })

  test('D9: random resources, scopes, times, kinds, statuses and attributes are read back as they were sent', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((stringValue) => ({ stringValue })),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => ({ intValue: String(n) })),
      fc.double().map((doubleValue) => ({ doubleValue })),
      fc.boolean().map((boolValue) => ({ boolValue })),
    )
    // Digits only: a name with a word of content in it, such as `arguments`, would rightly be stripped.
    const name = fc.stringMatching(/^[0-9_]{1,12}$/).map((key) => `app.x_${key}_z`)
    const attributes = fc.dictionary(name, value, { maxKeys: 8 })
    const shortText = fc.string({ unit: 'binary', maxLength: 20 })
    const nanos = fc.oneof(fc.bigInt({ min: 0n, max: UINT64_MAX }), fc.constantFrom(0n, UINT64_MAX, NOW_NANOS))
    const sent = fc.sample(
      fc.record({
        resource: attributes,
        scope: fc.record({ name: shortText, version: shortText }),
        start: nanos,
        end: nanos,
        kind: fc.integer({ min: 0, max: 5 }),
        status: fc.integer({ min: 0, max: 2 }),
        attributes,
      }),
      60,
    )
    const listOf = (given: (typeof sent)[number]['attributes']): Plain[] =>
      Object.entries(given).map(([key, one]) => ({ key, value: one }))
    const resourceSpans = sent.map(({ resource, scope, start, end, kind, status, attributes: own }, n) => {
      const times = { startTimeUnixNano: String(start), endTimeUnixNano: String(end) }
      const span = { ...call(5_000 + n, Object.entries(own), times), kind, status: { code: status } }
      return { resource: { attributes: listOf(resource) }, scopeSpans: [{ scope, spans: [span] }] }
    })
    await send(encodeMessage('ExportTraceServiceRequest', { resourceSpans }))
    await running.collector.settled()
    const rows = await rowsOf(5_000, 5_000 + sent.length)
    expect(rows).toHaveLength(sent.length)
    const valueOf = (given: object): unknown => {
      const [kind, content] = Object.entries(given)[0] ?? []
      return kind === 'intValue' ? BigInt(content as string) : content
    }
    for (const [n, { resource, scope, start, end, kind, status, attributes: own }] of sent.entries()) {
      const row = rows[n]
      expect.assert(row !== undefined)
      const back = evidenceOf(row)
      expect(back).toMatchObject({ startUnixNano: start, endUnixNano: end, kind, statusCode: status })
      expect([back.scopeName, back.scopeVersion]).toEqual([scope.name, scope.version])
      // A resource is kept as text.
      const texts = Object.entries(resource).map(([key, given]) => [key, String(valueOf(given))])
      expect(back.resource).toEqual(Object.fromEntries(texts))
      for (const [key, given] of Object.entries(own)) expect(back.attributes[key]).toBe(valueOf(given))
    }
  })

  test('nothing of all that stands in quarantine', async () => {
    expect(await readRows(ledger.client, database, quarantineTable, { where: '1' })).toEqual([])
  })
})
