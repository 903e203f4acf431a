import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildEmittersPage } from './emitters-page.ts'

test('the page of emitters is what their entries generate (else: npm run generate)', () => {
  expect(readFileSync(new URL('../../docs/reference/emitters.md', import.meta.url), 'utf8')).toBe(buildEmittersPage())
})
