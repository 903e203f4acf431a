import fc from 'fast-check'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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

const MIB = 1024 ** 2

test('a name that is kept keeps no other memory: not the pool that Node cuts small buffers from', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const cache = new BytesCache(() => 0)
  const learn = (names: number): void => {
    for (let n = 0; n < names; n += 1) {
      const name = Buffer.from(`app.key_${n}`)
      cache.get(name, 0, name.length)
      // Other work takes from the pool as well, so that two names seldom lie in the same one.
      Buffer.allocUnsafe(Buffer.poolSize / 4)
    }
  }
  collect()
  const before = process.memoryUsage().arrayBuffers
  learn(4_000)
  // What is collected is given back by another thread, a little later.
  await expect
    .poll(() => {
      collect()
      return (process.memoryUsage().arrayBuffers - before) / MIB
    })
    .toBeLessThan(8)
})

test('a name is told from every other, whatever their lengths and wherever they differ', () => {
  const cache = new BytesCache((text) => text)
  const names = fc.array(fc.string({ minLength: 0, maxLength: 12, unit: fc.constantFrom('a', 'b', 'ü') }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(names, fc.nat({ max: 7 }), (texts, offset) => {
      for (const text of texts) {
        const bytes = Buffer.concat([Buffer.alloc(offset, 0x61), Buffer.from(text), Buffer.alloc(3, 0x61)])
        expect(cache.get(bytes, offset, bytes.length - 3)).toBe(text)
      }
    }),
    { numRuns: 500 },
  )
})
