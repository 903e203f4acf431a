import {
  bookNamed,
  type ClickHouseClient,
  CURRENT_BOOK,
  readRewrittenFacts,
  readSeenSkus,
  readSkuUsage,
  readStoredBooks,
  type RewrittenFact,
} from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { type BookFinding, checkBook, type CompiledBook, loadPackagedBook } from '@outlay/pricing'
import type { Command } from 'commander'
import { bookTables, withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'

interface CheckCommandOptions {
  readonly book?: string
  readonly database?: string
  readonly json: boolean
}

const MS_PER_SECOND = 1_000
const SECONDS_PER_DAY = 86_400
const USAGE_DAYS = 30

export const addCheckCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  prices
    .command('check')
    .description(
      'sanity of a book: gaps, overdue reviews, assumed prices, odd cells; of a stored one also names that the ledger saw and no price is found for, and rows that were written twice; exit 1 if anything is found',
    )
    .option('--book <name>', 'a book of the ledger: current, r1, staged, a what-if book (default: the packaged one)')
    .option('--database <name>', 'database of the ledger; with it the book is the stored one')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay prices check\n  outlay prices check --database outlay_demo')
    .action(async (options: CheckCommandOptions) => {
      const isStored = options.book !== undefined || options.database !== undefined
      const { findings, of } = isStored ? await checkStored(context, options) : checkPackaged()
      const text = options.json ? JSON.stringify(findings, null, 2) : render(findings, of)
      context.stdout.write(`${text}\n`)
      exit(findings.length === 0 ? EXIT.done : EXIT.finding)
    })
}

interface Checked {
  readonly findings: readonly BookFinding[]
  /** The book, in words. */
  readonly of: string
}

const nowSeconds = (): number => Math.floor(systemClock.now() / MS_PER_SECOND)

const checkPackaged = (): Checked => {
  const book = loadPackagedBook()
  return { findings: checkBook(book, { now: nowSeconds() }), of: `the edition of ${book.edition}` }
}

const checkStored = (
  context: CommandContext,
  { book: name = CURRENT_BOOK, database = 'outlay' }: CheckCommandOptions,
): Promise<Checked> =>
  withReader(context, database, async (client) => {
    const now = nowSeconds()
    const book = await openStored(client, database, name)
    const [seen, usage, rewritten] = await Promise.all([
      readSeenSkus(client, database),
      readSkuUsage(client, database, { from: now - USAGE_DAYS * SECONDS_PER_DAY, to: now }),
      readRewrittenFacts(client, database),
    ])
    const findings = [...checkBook(book, { now, seen, usage }), ...rewritten.map(findingOf)]
    return { findings, of: `the book ${name} of ${database}` }
  })

/** A stored book knows its prices; what its authors want looked at, and how far calendars reach, ships with the package. */
const openStored = async (client: ClickHouseClient, database: string, name: string): Promise<CompiledBook> => {
  const book = bookNamed(await readStoredBooks(client, database, bookTables()), name).read()
  const { edition, reviews, horizons } = loadPackagedBook()
  const sheets = new Set(book.rows.map(({ provider, model, tier }) => [provider, model, tier].join('\u0000')))
  const ofBook = reviews.filter(({ provider, model, tier }) => sheets.has([provider, model, tier].join('\u0000')))
  return { ...book, edition, reviews: ofBook, horizons }
}

const findingOf = ({ table, about, versions, changed, open, closings }: RewrittenFact): BookFinding => {
  const complaints = [
    ...(changed.length > 0 ? [`${changed.join(', ')} differ`] : []),
    ...(open > 1 ? [`recorded ${open} times`] : []),
    ...(closings > 1 ? [`closed in ${closings} revisions`] : []),
  ]
  const what = complaints.length > 0 ? complaints.join('; ') : `${versions} versions`
  return { kind: 'rewritten_row', where: `${table} ${about}`, what }
}

const callsText = ({ kind, calls }: BookFinding): string => {
  if (calls === undefined) return ''
  return kind === 'assumed' ? `; ${calls} call(s) in ${USAGE_DAYS} days` : `; ${calls} call(s)`
}

const render = (findings: readonly BookFinding[], of: string): string => {
  const lines = findings.map((finding) => `${finding.kind}  ${finding.where}: ${finding.what}${callsText(finding)}`)
  return [...lines, `${findings.length} finding(s) in ${of}`].join('\n')
}
