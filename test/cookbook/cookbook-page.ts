/**
 * `docs/sql-cookbook.md`: every SQL block is followed by its answer as a table. Words and SQL are written by hand, answers
 * by `npm run cookbook`; a test compares them byte for byte.
 */
import { readFileSync } from 'node:fs'
import type { TestLedger } from '../harness/test-ledger.ts'

export const PAGE_URL = new URL('../../docs/sql-cookbook.md', import.meta.url)
const BLOCK = /```sql\n([\s\S]*?)```\n(?:\n((?:\|.*\n)+))?/g

interface Recipe {
  /** Heading that the block stands under. */
  readonly question: string
  readonly sql: string
  /** The table that the page has now. */
  readonly answer: string
}

export const readPage = (): string => readFileSync(PAGE_URL, 'utf8')

export const recipesOf = (page: string): readonly Recipe[] =>
  [...page.matchAll(BLOCK)].map(({ 1: sql = '', 2: answer = '', index }) => ({
    question:
      page
        .slice(0, index)
        .match(/^### .*$/gm)
        ?.at(-1)
        ?.slice('### '.length) ?? '',
    sql,
    answer,
  }))

/** The page with other answers, in their order. */
export const withAnswers = (page: string, answers: readonly string[]): string => {
  let position = 0
  return page.replaceAll(BLOCK, (_, sql: string) => `\`\`\`sql\n${sql}\`\`\`\n\n${answers[position++] ?? ''}`)
}

/** Cells are texts, numbers and NULL: a recipe that wants a list says how to show it. */
type Cell = string | number | null
const cell = (value: Cell): string => (value === null ? 'NULL' : `${value}`).replaceAll('|', '\\|')
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`

/** Runs a recipe as a reader would, in the database given, and answers with a table. */
export const answerOf = async ({ reader }: TestLedger, database: string, { sql }: Recipe): Promise<string> => {
  const query = sql.replaceAll(/\boutlay\./g, `${database}.`)
  const { meta = [], data } = await (await reader.query({ query, format: 'JSONCompact' })).json<Cell[]>()
  const head = meta.map(({ name }) => name)
  return [head, head.map(() => '---'), ...data.map((row) => row.map(cell))].map(line).join('')
}
