import { describe, expect, test } from 'vitest'
import {
  classifyAttributeKey,
  CONTENT_CARRIERS,
  GEN_AI,
  KNOWN_KEY_PREFIXES,
  KNOWN_KEYS,
  OUTLAY,
  REQUIRED_ATTRIBUTES,
  STANDARD,
  USAGE_JSON_SUBTREES,
} from '@outlay/semconv'

test('no key that the rules read is a carrier', () => {
  for (const key of KNOWN_KEYS) expect([key, classifyAttributeKey(key)]).toEqual([key, 'known'])
  expect(KNOWN_KEYS.length).toBeGreaterThan(150)
})

test('no exact carrier is kept by a family of known keys', () => {
  const carriers = CONTENT_CARRIERS.filter((pattern) => !(pattern in USAGE_JSON_SUBTREES))
  for (const pattern of carriers) {
    const key = pattern.replaceAll('*', '.x')
    expect([key, classifyAttributeKey(key)]).toEqual([key, 'carrier'])
  }
})

test('families of known keys are known', () => {
  for (const prefix of KNOWN_KEY_PREFIXES) expect(classifyAttributeKey(`${prefix}anything`)).toBe('known')
})

describe('classes', () => {
  test.each([
    ['gen_ai.prompt.0.content', 'carrier'],
    ['gen_ai.prompt.version', 'known'],
    ['gen_ai.prompt.name', 'known'],
    ['gen_ai.completion.0.role', 'carrier'],
    ['gen_ai.input.messages', 'carrier'],
    ['gen_ai.tool.call.arguments', 'carrier'],
    ['gen_ai.tool.call.id', 'known'],
    ['llm.input_messages.0.message.content', 'carrier'],
    ['llm.prompts.0', 'carrier'],
    ['llm.prompt_template.template', 'carrier'],
    ['llm.token_count.prompt', 'known'],
    ['ai.prompt.messages', 'carrier'],
    ['ai.response.text', 'carrier'],
    ['ai.response.model', 'known'],
    ['ai.toolCall.args', 'carrier'],
    ['ai.toolCall.name', 'known'],
    ['langfuse.observation.input', 'carrier'],
    ['langfuse.trace.output', 'carrier'],
    ['langfuse.trace.name', 'known'],
    ['reranker.input_documents.0.document.content', 'carrier'],
    ['http.request.body.content', 'carrier'],
    ['http.response.status_code', 'known'],
    ['exception.message', 'carrier'],
    ['exception.type', 'known'],
    ['ai.response.providerMetadata', 'json_usage_carrier'],
    ['gcp.vertex.agent.llm_response', 'json_usage_carrier'],
    ['gcp.vertex.agent.llm_request', 'carrier'],
    ['outlay.usage.raw', 'json_usage_carrier'],
    ['metadata', 'json_usage_carrier'],
    ['user.id', 'user_id'],
    ['enduser.id', 'user_id'],
    ['traceloop.association.properties.user_id', 'user_id'],
    ['ai.telemetry.metadata.userId', 'user_id'],
    ['my.own.attribute', 'unknown'],
    ['', 'unknown'],
    ['__proto__', 'unknown'],
  ])('%s is %s', (key, expected) => {
    expect(classifyAttributeKey(key)).toBe(expected)
    // The second answer is remembered, not computed.
    expect(classifyAttributeKey(key)).toBe(expected)
  })

  test('more keys than are remembered are still classified', () => {
    for (let index = 0; index < 25_000; index += 1) classifyAttributeKey(`sender.key.${index}`)
    expect(classifyAttributeKey('gen_ai.prompt.7.content')).toBe('carrier')
  })
})

test('constants are distinct names, and the required ones are ours', () => {
  const names = [OUTLAY, GEN_AI, STANDARD].flatMap((group) => Object.values(group))
  expect(new Set(names).size).toBe(names.length)
  expect(REQUIRED_ATTRIBUTES).toEqual(['outlay.tenant.id', 'outlay.feature', 'outlay.workload'])
})
