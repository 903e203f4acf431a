/** `mode: off`: what names decide is suspended; caps, people, usage and what the operator declares are not. */
import { readFileSync } from 'node:fs'
import { CONTENT_CARRIERS, settleTrace } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { decodeTraceRequest, transcodeJsonRequest } from '#src/otlp/index.ts'
import { spanRowOf } from '../span-row-of.ts'
import { type RedactMode, stripTraceRequest } from '#src/redact/index.ts'
import { RECORD_FLAGS } from '#src/wal/index.ts'
import { sendProtobuf } from '../otlp/http-client.ts'
import { startReceiver } from '../otlp/receiver-fixture.ts'
import { encodeRequest, intAttribute, spanOf, textAttribute } from '../otlp/requests.ts'
import { createReplaceableStripper } from '#src/redact/index.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { ANY_KIND_OF_VALUE, CANARY, storedSpans, stripAttributes } from './stripped.ts'

const OFF = { mode: 'off' } as const
const carriers = CONTENT_CARRIERS.map((pattern) => pattern.replaceAll('*', '.0.x'))

describe('content that is kept', () => {
  test('leaves a request as it came, in every type of value and in every place', () => {
    const names = [...carriers, 'my.prompt', 'exception.message', 'exception.stacktrace']
    const attributes = names.map((key, index) => ({
      key,
      value: ANY_KIND_OF_VALUE[index % ANY_KIND_OF_VALUE.length] ?? {},
    }))
    // Those have a treatment of their own, below.
    const plain = attributes.filter(({ key }) => !/llm_response|providerMetadata|genkit:output|^metadata/.test(key))
    const events = [{ name: 'gen_ai.user.message', attributes: plain }]
    const span = spanOf({
      attributes: plain,
      events,
      links: [{ attributes: plain }],
      status: { code: 2, message: CANARY },
    })
    const body = encodeRequest([span], { attributes: plain }, { name: 'scope', attributes: plain })
    const stripped = stripTraceRequest(body, OFF)
    expect(stripped.body).toBe(body)
    expect(Object.values(stripped.redacted).every((count) => count === 0)).toBe(true)
  })

  test('is what the row of its span holds', () => {
    const body = encodeRequest([spanOf({ attributes: [textAttribute('gen_ai.input.messages', CANARY)] })])
    const rowIn = (mode: RedactMode) => {
      const stored = stripTraceRequest(body, { mode }).body
      const [span] = decodeTraceRequest(stored, { authority: 'local', receivedUnixNano: 1n }).spans
      expect.assert(span !== undefined)
      return spanRowOf(span, { walId: 'log', lsn: 1n, pos: 0 }).attributes_string
    }
    expect(rowIn('off')).toEqual({ 'gen_ai.input.messages': CANARY })
    expect(rowIn('carriers')).toEqual({})
  })

  test('is cut at the cap of every value, between characters, and dropped where it cannot be cut', () => {
    const list = { arrayValue: { values: [{ stringValue: 'x'.repeat(4_097) }] } }
    const stored = stripAttributes(
      [textAttribute('gen_ai.input.messages', `${'x'.repeat(4_095)}€`), { key: 'gen_ai.output.messages', value: list }],
      OFF,
    )
    expect(stored).toEqual({ 'gen_ai.input.messages': 'x'.repeat(4_095) })
  })

  test('nests as deep as any other value, and no deeper', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { stringValue: CANARY } : { arrayValue: { values: [nested(depth - 1)] } }
    const attributes = [31, 33].map((depth) => ({ key: `input.value.${depth}`, value: { ...nested(depth) } }))
    const body = encodeRequest([spanOf({ attributes })])
    const stripped = stripTraceRequest(body, OFF)
    expect(storedSpans(stripped.body)[0]?.attributes?.map(({ key }) => key)).toEqual(['input.value.31'])
    expect(stripped.redacted.over_limit).toBe(1)
  })

  test('holds no id of a person in the clear, and nothing that the operator declares', () => {
    const attributes = [textAttribute('user.id', 'ada@example.com'), textAttribute('my.secret', CANARY)]
    const stored = stripAttributes(attributes, { ...OFF, extraKeys: ['my.secret'], userHashKey: 'key' })
    expect(stored).toEqual({ 'user.id': expect.stringMatching(/^h_[0-9a-f]{64}$/) })
    expect(stripAttributes(attributes, { ...OFF, extraKeys: ['my.secret'] })).toEqual({})
  })

  test('holds nothing that no reader would see: doubled values and unknown fields go', () => {
    const body = encodeRequest([spanOf({ attributes: [intAttribute('k', 1)] })])
    const hidden = Buffer.concat([body, Buffer.from([0xfa, 0x01, 1, 0x41])])
    expect(stripTraceRequest(hidden, OFF).body).toEqual(body)
  })
})

describe('the ledger', () => {
  const cases = JSON.parse(
    readFileSync(new URL('../fixtures/otlp-dialect-cases.json', import.meta.url), 'utf8'),
  ) as readonly { readonly id: string; readonly otlp: unknown }[]

  test.each(cases)('says of $id the same, whether content is kept or not', ({ otlp }) => {
    const body = transcodeJsonRequest(JSON.stringify(otlp))
    const settled = (mode: RedactMode) =>
      settleTrace(
        decodeTraceRequest(stripTraceRequest(body, { mode }).body, { authority: 'local', receivedUnixNano: 1n }).spans,
      ).calls
    expect(settled('off')).toEqual(settled('carriers'))
  })

  test('reads usage from JSON that is longer than a value may be', () => {
    const usage = { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 }
    const response = JSON.stringify({ content: { parts: [{ text: 'x'.repeat(10_000) }] }, usage_metadata: usage })
    const attributes = [textAttribute('gcp.vertex.agent.llm_response', response)]
    expect(stripAttributes(attributes, OFF)).toEqual({ 'gcp.vertex.agent.llm_response': response })
    expect(
      stripAttributes([textAttribute('gcp.vertex.agent.llm_response', `${response}${' '.repeat(2 ** 20)}`)], OFF),
    ).toEqual({
      'gcp.vertex.agent.llm_response': 'bad_blob',
    })
  })
})

describe('a record of the log', () => {
  test('is marked if content was kept in it, by the rules of the moment', async () => {
    const stripper = createReplaceableStripper({ mode: 'off' })
    await using receiver = await startReceiver({ stripper })
    const attributes = [textAttribute('gen_ai.prompt', CANARY)]
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf({ attributes })]))).code).toBe(200)
    stripper.replace({ mode: 'carriers' })
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf({ attributes })]))).code).toBe(200)
    const records = await readAll(receiver.wal)
    expect(records.map(({ flags }) => flags)).toEqual([RECORD_FLAGS.contentKept, 0])
    expect(records.map(({ body }) => body.includes('CANARY'))).toEqual([true, false])
    expect(records.map(({ meta }) => meta.rulesetId.split('@')[0])).toEqual(['off', 'carriers'])
  })
})
