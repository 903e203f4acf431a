/** Every query of the cookbook runs as it stands on the page, and answers what the page says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { createCookbookLedger } from './cookbook-ledger.ts'
import { answerOf, readPage, recipesOf } from './cookbook-page.ts'

const page = readPage()
const recipes = recipesOf(page)

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await createCookbookLedger(ledger)
})
afterAll(() => ledger.close())

describe('the cookbook', () => {
  test('answers five questions of each of four readers', () => {
    const chapters = page
      .split(/^## /m)
      .slice(1)
      .map((chapter) => [chapter.split('\n')[0], chapter.match(/^### /gm)?.length ?? 0])
    expect(chapters).toEqual([
      ['Finance', 5],
      ['Product', 5],
      ['Engineering', 5],
      ['Customer success', 5],
    ])
    expect(new Set(recipes.map(({ question }) => question)).size).toBe(20)
  })

  test.each(recipes)('$question (else: npm run cookbook)', async (recipe) => {
    expect(recipe.answer.split('\n').length).toBeGreaterThan(3)
    expect(await answerOf(ledger, database, recipe)).toBe(recipe.answer)
  })
})
