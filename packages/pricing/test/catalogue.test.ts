import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadPackagedBook } from '#src/index.ts'
import { readPinnedCatalogue } from '../scripts/pinned-catalogue.ts'

test('overlay/catalogue.yaml is what the pinned feed reads as; if not, run `node packages/pricing/scripts/import-catalogue.ts`', () => {
  const committed = readFileSync(new URL('../overlay/catalogue.yaml', import.meta.url), 'utf8')
  expect(committed === readPinnedCatalogue().text).toBe(true)
})

test('at least 1,000 models of at least 25 providers are priced and can be reached by a name', () => {
  const { rows, names } = loadPackagedBook()
  const named = new Set(names.map(({ provider, model }) => `${provider}\u0000${model}`))
  const priced = new Set(rows.map(({ provider, model }) => `${provider}\u0000${model}`))
  expect([...priced].filter((model) => !named.has(model))).toEqual([])
  expect(priced.size).toBeGreaterThanOrEqual(1000)
  expect(new Set(rows.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(25)
})

test('every price says where it was seen, when, and how sure it is', () => {
  const silent = loadPackagedBook().rows.filter(
    ({ source, sourceUrl, checkedAt, derivedFrom }) =>
      source === '' || sourceUrl === '' || !/^\d{4}-\d{2}-\d{2}$/.test(checkedAt) || derivedFrom === '',
  )
  expect(silent).toEqual([])
})

test('what the seed prices, no catalogue prices', () => {
  const { rows } = loadPackagedBook()
  const ofOpus = rows.filter(({ provider, model }) => provider === 'anthropic' && model === 'claude-opus-5')
  expect(ofOpus.filter(({ source }) => source.startsWith('genai-prices'))).toEqual([])
})
