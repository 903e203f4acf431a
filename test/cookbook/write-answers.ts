/** `npm run cookbook`: runs every query of the cookbook on its ledger and writes the answers into the page. */
import { writeFileSync } from 'node:fs'
import { startTestLedger } from '../harness/test-ledger.ts'
import { createCookbookLedger } from './cookbook-ledger.ts'
import { answerOf, PAGE_URL, readPage, recipesOf, withAnswers } from './cookbook-page.ts'

const ledger = await startTestLedger()
try {
  const database = await createCookbookLedger(ledger)
  const page = readPage()
  const answers: string[] = []
  for (const recipe of recipesOf(page)) {
    try {
      answers.push(await answerOf(ledger, database, recipe))
    } catch (error) {
      throw new Error(`${recipe.question}: ${String(error)}`, { cause: error })
    }
  }
  writeFileSync(PAGE_URL, withAnswers(page, answers))
} finally {
  await ledger.close()
}
