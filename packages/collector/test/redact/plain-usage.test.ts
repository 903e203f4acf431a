import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { extractUsage, isPlainUsage } from '#src/redact/usage-subtree.ts'

const WHOLE = ['']

const isPlain = (text: string): boolean => {
  const bytes = Buffer.from(` ${text} `)
  return isPlainUsage(bytes, 1, bytes.length - 1, WHOLE)
}

test.each([
  '{}',
  '{"input_tokens":1201,"cache_creation":{"ephemeral_5m_input_tokens":200},"service_tier":"standard"}',
  '{"promptTokensDetails":[{"modality":"TEXT","tokenCount":1}],"x":null,"y":true,"z":-5,"n":"12.5","l":[]}',
])('%s is recognised', (text) => {
  expect(isPlain(text)).toBe(true)
})

test.each([
  '',
  '[]',
  '{',
  '{}x',
  '{"a":}',
  '{"a":1,}',
  '{"a":1 }',
  '{"a":01}',
  '{"a":-0}',
  '{"a":1.5}',
  '{"a":1e3}',
  '{"a":9007199254740993}',
  '{"a":1,"a":1}',
  '{"b":1,"1":2}',
  '{"a b":1}',
  '{"\\u0061":1}',
  '{"a":"words of a customer"}',
  '{"a":"word"}',
  '{"a":tru}',
  `${'{"a":'.repeat(12)}1${'}'.repeat(12)}`,
])('%s is left to the long way', (text) => {
  expect(isPlain(text)).toBe(false)
})

test('what is recognised is exactly what the long way keeps as it is', () => {
  const name = fc.constantFrom('a', 'b', 'service_tier', 'serviceTier', 'modality', '1', '__proto__', 'a b', 'é', '-x')
  const text = fc.constantFrom('standard', 'TEXT', '12', '-1.5', 'two words', '', 'é', 'a"b')
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'large' },
      fc.constantFrom('0', '-0', '1', '-12', '01', '1.0', '1e2', '123456789012345', '1234567890123456', 'true', 'null'),
      text.map((value) => JSON.stringify(value)),
      fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(name, tie('tree')), { maxLength: 4 })
        .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
    ),
  }))
  const seen = new Set<boolean>()
  fc.assert(
    fc.property(tree, (json) => {
      const plain = isPlain(json)
      seen.add(plain)
      return !plain || extractUsage(json, WHOLE).kind === 'verbatim'
    }),
    { numRuns: 3_000 },
  )
  expect(seen.size).toBe(2)
})
