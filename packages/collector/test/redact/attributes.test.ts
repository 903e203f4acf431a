import { describe, expect, test } from 'vitest'
import { createReplaceableStripper, stripTraceRequest } from '#src/redact/index.ts'
import type { Plain } from '../otlp/otlp-schema.ts'
import { encodeRequest, intAttribute, spanOf, textAttribute } from '../otlp/requests.ts'
import { ANY_KIND_OF_VALUE, CANARY, storedSpans, stripAttributes } from './stripped.ts'

describe('unknown attributes', () => {
  test('are kept if they are small scalars with a harmless name', () => {
    const attributes = [textAttribute('my.flag', 'on'), intAttribute('my.count', 3), { key: 'empty', value: {} }]
    expect(stripAttributes(attributes)).toEqual({ 'my.flag': 'on', 'my.count': '3', empty: undefined })
    expect(stripAttributes(attributes, { mode: 'known_only' })).toEqual({})
  })

  test.each([
    'my.prompt',
    'userPrompt',
    'last_user_message',
    'http-body',
    'x.tool.arguments',
    'chat.QUERY',
    'Transcripts',
  ])('named %s are dropped', (key) => {
    const stripped = stripTraceRequest(encodeRequest([spanOf({ attributes: [textAttribute(key, CANARY)] })]))
    expect(stripped.body.includes('CANARY')).toBe(false)
    expect(stripped.redacted.unknown_name).toBe(1)
  })

  test('that count something keep their numbers under names such as input_tokens', () => {
    expect(stripAttributes([intAttribute('acme.input_tokens', 7), intAttribute('acme.input', 8)])).toEqual({
      'acme.input_tokens': '7',
    })
  })

  test('are dropped from one byte over their cap on', () => {
    const attributes = [textAttribute('a', 'x'.repeat(256)), textAttribute('b', 'x'.repeat(257))]
    expect(Object.keys(stripAttributes(attributes))).toEqual(['a'])
    expect(stripAttributes(attributes, { unknownBytesMax: 255 })).toEqual({})
  })

  test('are dropped if they are no scalars', () => {
    const values = ANY_KIND_OF_VALUE.slice(2)
    expect(stripAttributes(values.map((value, index) => ({ key: `k${index}`, value })))).toEqual({})
  })

  test('may be declared as carriers by the operator', () => {
    const attributes = [textAttribute('acme.note', CANARY), textAttribute('acme.kind', 'x')]
    expect(stripAttributes(attributes, { extraKeys: ['acme.note'] })).toEqual({ 'acme.kind': 'x' })
  })

  test('with a name that is longer than a name are dropped', () => {
    expect(stripAttributes([textAttribute(`${'k'.repeat(256)}x`, 'v')])).toEqual({})
  })
})

describe('known attributes', () => {
  test('are cut at 4 KiB, between characters', () => {
    const text = `${'x'.repeat(4_095)}é`
    const stripped = stripTraceRequest(encodeRequest([spanOf({ attributes: [textAttribute('outlay.feature', text)] })]))
    expect(storedSpans(stripped.body)[0]?.attributes?.[0]?.value).toEqual({ stringValue: 'x'.repeat(4_095) })
    expect(stripped.redacted.truncated).toBe(1)
  })

  test('keep lists of scalars and structures of numbers, and lose structures that may hold text', () => {
    const list = { arrayValue: { values: [{ stringValue: 'stop' }, { stringValue: 'length' }] } }
    const numbers = { kvlistValue: { values: [{ key: 'input', value: { intValue: '5' } }] } }
    expect(
      Object.keys(
        stripAttributes([
          { key: 'gen_ai.response.finish_reasons', value: list },
          { key: 'outlay.a', value: numbers },
          { key: 'outlay.b', value: ANY_KIND_OF_VALUE[3] },
          { key: 'outlay.c', value: ANY_KIND_OF_VALUE[4] },
          { key: 'outlay.d', value: ANY_KIND_OF_VALUE[5] },
          { key: 'outlay.e', value: { arrayValue: { values: [{ stringValue: 'x'.repeat(5_000) }] } } },
        ]),
      ).filter((key) => key !== 'gen_ai.response.finish_reasons'),
    ).toEqual(['outlay.a'])
  })

  test('of a family with free names are dropped where the name speaks of content and the value is text', () => {
    const attributes = [
      textAttribute('ai.telemetry.metadata.userMessage', CANARY),
      textAttribute('ai.telemetry.metadata.plan', 'pro'),
      textAttribute('gen_ai.usage.prompt_tokens', '1942'),
      textAttribute('gen_ai.usage.my_input_tokens', '17'),
    ]
    expect(stripAttributes(attributes)).toEqual({
      'ai.telemetry.metadata.plan': 'pro',
      'gen_ai.usage.prompt_tokens': '1942',
      'gen_ai.usage.my_input_tokens': '17',
    })
  })

  test('nested deeper than 32 levels are dropped and counted as dropped attributes', () => {
    const nest = (levels: number): Plain =>
      levels === 0 ? { intValue: 1 } : { arrayValue: { values: [nest(levels - 1)] } }
    const stored = (levels: number) =>
      storedSpans(
        stripTraceRequest(
          encodeRequest([
            spanOf({ attributes: [{ key: 'outlay.x', value: nest(levels) }], droppedAttributesCount: 2 }),
          ]),
        ).body,
      )[0]
    expect(stored(32)?.attributes).toHaveLength(1)
    expect(stored(33)?.attributes ?? []).toEqual([])
    expect(stored(33)?.droppedAttributesCount).toBe(3)
  })
})

describe('user ids', () => {
  const HASH = `h_${'0'.repeat(64)}`

  test('that are hashed already stay', () => {
    expect(stripAttributes([textAttribute('user.id', HASH)])).toEqual({ 'user.id': HASH })
  })

  test('in the clear are hashed with the key, in the form our instrumentation uses', () => {
    const stored = stripAttributes([textAttribute('enduser.id', 'jane@example.com'), intAttribute('user.id', 42)], {
      userHashKey: 'key',
    })
    // printf %s jane@example.com | openssl dgst -sha256 -hmac key
    expect(stored['enduser.id']).toBe('h_43c915a5fb2a55c3ccab3ef8b4ceec305b515df308878ece0d42526f5e24484a')
    expect(stored['user.id']).toMatch(/^h_[0-9a-f]{64}$/)
  })

  test('in the clear are dropped and counted without a key, also those that merely begin like a hash', () => {
    const attributes = [textAttribute('user.id', 'jane'), textAttribute('enduser.id', 'h_jane@example.com')]
    const stripped = stripTraceRequest(encodeRequest([spanOf({ attributes })]))
    expect(stripped.body.includes('jane')).toBe(false)
    expect(stripped.redacted.user_id_dropped).toBe(2)
  })
})

describe('rules that change while they are in use', () => {
  test('hold from the next request on, and name themselves', () => {
    const stripper = createReplaceableStripper({})
    const request = encodeRequest([spanOf({ attributes: [textAttribute('my.flag', 'on')] })])
    expect(stripper.strip(request).body.includes('my.flag')).toBe(true)
    stripper.replace({ mode: 'known_only' })
    expect(stripper.strip(request).body.includes('my.flag')).toBe(false)
    expect(stripper.rulesetId).toMatch(/^known_only@/)
  })
})
