import { describe, expect, test } from 'vitest'
import { textAttribute } from '../otlp/requests.ts'
import { CANARY, stripAttributes } from './stripped.ts'

describe('JSON that mixes usage with content', () => {
  const strip = (key: string, value: string) => stripAttributes([textAttribute(key, value)])[key]

  test('keeps its usage subtree at its place', () => {
    const json = JSON.stringify({
      candidates: [{ content: { parts: [{ text: CANARY }] } }],
      usage_metadata: { prompt_token_count: 1000, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }] },
    })
    expect(JSON.parse(String(strip('gcp.vertex.agent.llm_response', json)))).toEqual({
      usage_metadata: { prompt_token_count: 1000, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }] },
    })
    const metadata = JSON.stringify({
      anthropic: { usage: { input_tokens: 5, service_tier: 'batch', note: CANARY }, container: CANARY },
      openai: { reasoning: CANARY },
    })
    expect(JSON.parse(String(strip('ai.response.providerMetadata', metadata)))).toEqual({
      anthropic: { usage: { input_tokens: 5, service_tier: 'batch' } },
    })
  })

  test('that is usage only stays byte for byte', () => {
    const raw = '{"prompt_tokens":10,"completion_tokens_details":{"reasoning_tokens":3},"service_tier":"default"}'
    expect(strip('outlay.usage.raw', raw)).toBe(raw)
  })

  test('cannot hide content behind a repeated key, in a key, or under a name that selects a price', () => {
    expect(strip('outlay.usage.raw', `{"a":"${CANARY}","a":1}`)).toBe('{"a":1}')
    expect(strip('outlay.usage.raw', `{"${CANARY} said":1,"model":"${CANARY} and more"}`)).toBe('{}')
  })

  test('without any usage inside is no reading error, and nothing of it stays', () => {
    const metadata = JSON.stringify({ openai: { responseId: CANARY, serviceTier: 'default' }, anthropic: {} })
    expect(strip('ai.response.providerMetadata', metadata)).toBe('{}')
    expect(strip('gcp.vertex.agent.llm_response', `{"text":"${CANARY}","usage_metadata":null}`)).toBe('{}')
  })

  test.each([
    ['cut short', '{"usage_metadata":{"prompt_token_count":1'],
    ['text where usage should be', '{"usage_metadata":"CANARY"}'],
    ['no object', '"CANARY"'],
    ['nested a hundred thousand deep', '['.repeat(100_000)],
    ['larger than 1 MiB', JSON.stringify({ usage_metadata: { a: 1 }, text: 'x'.repeat(1024 * 1024) })],
  ])('that is %s leaves only a mark that it was unreadable', (_, json) => {
    expect(strip('gcp.vertex.agent.llm_response', json)).toBe('bad_blob')
  })

  test('for which no rule names a subtree is dropped', () => {
    expect(strip('metadata', `{"usage":{"a":1},"note":"${CANARY}"}`)).toBeUndefined()
  })
})
