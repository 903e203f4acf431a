import { describe, expect, test } from 'vitest'
import { DIALECT_RULES, type DialectRule, settleTrace } from '@outlay/semconv'
import { callOf, chat, span, type SpanSketch } from './span-builder.ts'

const GENERIC: DialectRule = {
  id: 'generic',
  rev: 1,
  valid: { from: '1970-01-01', to: null },
  match: [{}],
  meaning: { cache: 'unknown', reasoning: 'included', usage: 'reported' },
  evidence: 'test',
}
const rule = (id: string, match: DialectRule['match'], rest: Partial<DialectRule> = {}): DialectRule => ({
  ...GENERIC,
  id,
  match,
  ...rest,
})

const ruleIdOf = (rules: readonly DialectRule[] | undefined, sketch: Partial<SpanSketch>): string => {
  const options = rules === undefined ? {} : { rules }
  return callOf(settleTrace([span({ id: 1, attributes: chat(1, 1), ...sketch })], options), 1).ruleId
}

describe('matching', () => {
  test('scope and version, then scope and marker, then scope, then marker, then generic', () => {
    const rules = [
      GENERIC,
      rule('marker', [{ marker: { keys: ['m'] } }]),
      rule('scope', [{ scopes: ['lib'] }]),
      rule('scope-marker', [{ scopes: ['lib'], marker: { keys: ['m'] } }]),
      rule('scope-version', [{ scopes: ['lib'], scopeVersion: '2.' }]),
    ]
    const marked = chat(1, 1, { m: 1n })
    expect(ruleIdOf(rules, { scope: 'lib', scopeVersion: '2.1', attributes: marked })).toBe('scope-version@1')
    expect(ruleIdOf(rules, { scope: 'lib', scopeVersion: '1.9', attributes: marked })).toBe('scope-marker@1')
    expect(ruleIdOf(rules, { scope: 'lib' })).toBe('scope@1')
    expect(ruleIdOf(rules, { scope: 'other', attributes: marked })).toBe('marker@1')
    expect(ruleIdOf(rules, { scope: 'other' })).toBe('generic@1')
  })

  test('an exact scope beats a pattern, a longer pattern a shorter one', () => {
    const rules = [
      rule('short', [{ scopes: ['a*'] }]),
      rule('long', [{ scopes: ['a.b*'] }]),
      rule('exact', [{ scopes: ['a.b.c'] }]),
      GENERIC,
    ]
    expect(['a.b.c', 'a.b.d', 'a.x'].map((scope) => ruleIdOf(rules, { scope }))).toEqual([
      'exact@1',
      'long@1',
      'short@1',
    ])
  })

  test('revisions are chosen by the start of the span', () => {
    const rules = [
      rule('lib', [{ scopes: ['lib'] }], { valid: { from: '1970-01-01', to: '2026-01-01' } }),
      rule('lib', [{ scopes: ['lib'] }], { rev: 2, valid: { from: '2026-01-01', to: null } }),
      GENERIC,
    ]
    const at = (day: string): string =>
      ruleIdOf(rules, { scope: 'lib', startNano: BigInt(Date.parse(day)) * 1_000_000n })
    expect(at('2025-12-31T23:59:59.999Z')).toBe('lib@1')
    expect(at('2026-01-01T00:00:00.000Z')).toBe('lib@2')
    expect(ruleIdOf(rules, { scope: 'lib', startNano: 0n })).toBe('lib@1')
  })

  test('two rules for the same spans in the same period are refused', () => {
    const rules = [GENERIC, rule('one', [{ scopes: ['lib'] }]), rule('two', [{ scopes: ['lib'] }])]
    expect(() => ruleIdOf(rules, {})).toThrow(/one@1 and two@1/)
  })

  test('a revised rule re-derives the row from the same evidence', () => {
    const attributes = chat(10, 5, { 'gen_ai.usage.cache_read.input_tokens': 4n })
    const withCache = (cache: 'included' | 'excluded'): number => {
      const meaning = { ...GENERIC.meaning, cache }
      const rules = [rule('lib', [{ scopes: ['lib'] }], { meaning }), GENERIC]
      return callOf(settleTrace([span({ id: 1, scope: 'lib', attributes })], { rules }), 1).inputTotal
    }
    expect([withCache('included'), withCache('excluded')]).toEqual([10, 14])
  })
})

describe('the built-in table', () => {
  test('ids and revisions are unique and every row names its evidence', () => {
    const ids = DIALECT_RULES.map(({ id, rev }) => `${id}@${rev}`)
    expect(new Set(ids).size).toBe(ids.length)
    expect(DIALECT_RULES.filter(({ evidence }) => evidence === '')).toEqual([])
  })

  test.each([
    ['opentelemetry.instrumentation.openai.v1', 'tl-py-openai@1'],
    ['opentelemetry.instrumentation.openai_v2', 'otel-127@1'],
    ['opentelemetry.instrumentation.anthropic', 'tl-py-anthropic@2'],
    ['opentelemetry.instrumentation.bedrock', 'tl-py-bedrock@1'],
    ['@traceloop/instrumentation-openai', 'tl-js-openai@1'],
    ['@traceloop/instrumentation-langchain', 'tl-js-langchain@1'],
    ['openinference.instrumentation.langchain', 'oi@1'],
    ['openinference.instrumentation.bedrock', 'oi-bedrock@1'],
    ['@arizeai/openinference-instrumentation-openai', 'oi-js-openai@1'],
    ['gen_ai', 'ai-7@1'],
    ['logfire.anthropic', 'logfire-anthropic@2'],
    ['opentelemetry-instrumentation-ruby_llm', 'ruby-llm@1'],
    ['opentelemetry.util.genai.handler', 'otel-140@3'],
    ['@opentelemetry/instrumentation-openai', 'otel-js-openai@1'],
    ['@outlay/instrumentation', 'outlay@1'],
    ['someone-else', 'otel-127@1'],
  ])('%s is read by %s', (scope, ruleId) => {
    expect(ruleIdOf(undefined, { scope })).toBe(ruleId)
  })

  test('unlisted scopes are told apart by their attributes', () => {
    const old = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.prompt_tokens': 1n }
    expect(ruleIdOf(undefined, { attributes: old })).toBe('otel-126@1')
    expect(ruleIdOf(undefined, { attributes: chat(1, 1, { 'openinference.span.kind': 'LLM' }) })).toBe('oi@1')
  })
})
