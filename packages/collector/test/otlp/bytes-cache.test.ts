import { expect, test } from 'vitest'
import { BytesCache } from '#src/otlp/bytes-cache.ts'

/** Two names that every span of some emitters carries, and that fall on the same slot. */
const SAME_SLOT = ['gen_ai.usage.input_tokens', 'gen_ai.usage.cache_creation.input_tokens']

test('two names of one slot do not drive each other out', () => {
  const derived: string[] = []
  const cache = new BytesCache((text) => {
    derived.push(text)
    return text
  })
  for (let round = 0; round < 3; round += 1) {
    for (const name of SAME_SLOT) expect(cache.get(Buffer.from(name), 0, name.length)).toBe(name)
  }
  expect(derived).toEqual(SAME_SLOT)
})
