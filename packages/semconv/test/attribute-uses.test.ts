import { describe, expect, test } from 'vitest'
import { attributeUsesOf, ruleNamed, settledVersionOf } from '@outlay/semconv'
import { chat, span, type SpanSketch } from './span-builder.ts'

const usesOf = (sketch: Omit<SpanSketch, 'id'>): Record<string, readonly string[]> =>
  Object.fromEntries(attributeUsesOf(span({ id: 1, ...sketch })).map(({ on, key, readAs }) => [`${on} ${key}`, readAs]))

describe('what settlement reads of a span', () => {
  test('is named by what it is read as; what nothing reads is left out', () => {
    const attributes = { ...chat(10, 5), 'operation.name': 'ai.generateText inbox', 'http.route': '/' }
    expect(
      usesOf({ attributes, resource: { 'service.name': 's', 'outlay.tenant.id': 't', 'host.name': 'h' } }),
    ).toEqual({
      'span gen_ai.operation.name': ['role'],
      'span gen_ai.usage.input_tokens': ['input'],
      'span gen_ai.usage.output_tokens': ['output'],
      'span operation.name': ['role', 'feature'],
      'resource outlay.tenant.id': ['tenant'],
      'resource service.name': ['service'],
    })
  })

  test('depends on the rule of the span: bare names, own rows and markers', () => {
    const attributes = { input_tokens: 5n, model: 'm', 'anthropic.usage.compaction.input_tokens': 3n }
    expect(usesOf({ attributes })).toEqual({})
    expect(usesOf({ attributes, scope: 'com.anthropic.claude_code' })).toEqual({
      'span input_tokens': ['input'],
      'span model': ['request model'],
    })
    expect(usesOf({ attributes, scope: 'com.anthropic.sdk.typescript' })).toEqual({
      'span anthropic.usage.compaction.input_tokens': ['compaction'],
    })
    expect(usesOf({ attributes: { 'openinference.span.kind': 'LLM' } })).toEqual({
      'span openinference.span.kind': ['dialect', 'role'],
    })
  })

  test('is read of the version of a span that settlement chooses', () => {
    const early = span({ id: 1, endNano: 5n })
    const late = span({ id: 1, endNano: 6n })
    expect(settledVersionOf([late, early])).toBe(late)
    expect(settledVersionOf([])).toBeUndefined()
  })
})

test('a rule is found by id and revision, and only by both', () => {
  expect(ruleNamed('mlflow@2')).toMatchObject({ id: 'mlflow', rev: 2 })
  expect(ruleNamed('mlflow@99')).toBeUndefined()
  expect(ruleNamed('mlflow')).toBeUndefined()
})
