import { bookNamed, type ClickHouseClient, queryKpi, readStoredBooks } from '@outlay/clickhouse'
import { displayUsd, OutlayError, parseUsd, systemClock } from '@outlay/core'
import { describeBookDiff, diffBooks } from '@outlay/pricing'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { bookTables } from '#src/book/open-book.ts'
import { shownLines } from '#src/book/render-change.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { assertPrepared, connectOrExplain, readerSettings } from '#src/connection.ts'

interface DiffOptions {
  readonly database: string
  readonly impact: boolean
  readonly from?: string
  readonly to?: string
  readonly json: boolean
}

/** Money that the change moves. What one of the books has no price for is not known, and no saving. */
interface ImpactRow {
  readonly tenant: string
  readonly provider: string
  readonly model: string
  readonly meter: string
  readonly quantity: string
  readonly before_usd: string | null
  readonly after_usd: string | null
  readonly change_usd: string | null
  /** Units of the quantity without a price. */
  readonly unpriced_before: string
  readonly unpriced_after: string
}

const MS_PER_SECOND = 1_000
const DEFAULT_DAYS = 30
const SECONDS_PER_DAY = 86_400

export const addDiffCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  prices
    .command('diff <a> <b>')
    .description(
      'what book b says that book a does not: rows, and with --impact the money; books are current, staged, r1, r2, …, and what-if books',
    )
    .option('--impact', 'the money per tenant, model and meter over a window', false)
    .option('--from <time>', `start of the window, ISO 8601 (default: ${DEFAULT_DAYS} days before its end)`)
    .option('--to <time>', 'end of the window, exclusive (default: now)')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay prices diff r1 current --impact --from 2026-11-01')
    .action(async (a: string, b: string, options: DiffOptions) => {
      const client = await connectOrExplain(readerSettings(context, options.database))
      try {
        await assertPrepared(client, options.database)
        const changes = await describeChanges(client, options.database, a, b)
        const impact = options.impact ? await readImpact(client, options, a, b) : []
        const text = options.json ? JSON.stringify({ a, b, changes, impact }, null, 2) : render(changes, impact)
        context.stdout.write(`${text}\n`)
        exit(changes.length === 0 ? EXIT.done : EXIT.finding)
      } finally {
        await client.close()
      }
    })
}

const describeChanges = async (
  client: ClickHouseClient,
  database: string,
  a: string,
  b: string,
): Promise<readonly string[]> => {
  const books = await readStoredBooks(client, database, bookTables())
  return describeBookDiff(diffBooks(bookNamed(books, a).read(), bookNamed(books, b).read()))
}

const readImpact = async (
  client: ClickHouseClient,
  options: DiffOptions,
  a: string,
  b: string,
): Promise<readonly ImpactRow[]> => {
  const to = seconds(options.to, '--to') ?? Math.ceil(systemClock.now() / MS_PER_SECOND)
  const from = seconds(options.from, '--from') ?? to - DEFAULT_DAYS * SECONDS_PER_DAY
  return queryKpi<ImpactRow>(client, options.database, 'kpi_book_impact', {
    from_time: from,
    to_time: to,
    book: a,
    other_book: b,
  })
}

const seconds = (text: string | undefined, where: string): number | undefined => {
  if (text === undefined) return undefined
  const milliseconds = Date.parse(text)
  if (!Number.isNaN(milliseconds)) return Math.floor(milliseconds / MS_PER_SECOND)
  throw new OutlayError('E_TIME', 'not a time', {
    where,
    got: JSON.stringify(text),
    want: 'ISO 8601, such as 2026-11-01',
  })
}

const render = (changes: readonly string[], impact: readonly ImpactRow[]): string => {
  if (changes.length === 0) return 'The books say the same.'
  if (impact.length === 0) return shownLines(changes).join('\n')
  const table = new Table({
    head: ['tenant', 'biller', 'model', 'meter', 'units', 'before', 'after', 'change'],
    style: { head: [], border: [] },
  })
  for (const row of impact) {
    const money = [row.before_usd, row.after_usd, row.change_usd].map((usd) =>
      usd === null ? 'not priced' : displayUsd(parseUsd(usd)),
    )
    table.push([row.tenant, row.provider, row.model, row.meter, row.quantity, ...money])
  }
  const known = impact.flatMap(({ change_usd }) => (change_usd === null ? [] : [parseUsd(change_usd)]))
  const unknown = impact.length - known.length
  const total = `Together ${displayUsd(known.reduce((sum, change) => sum + change, 0n))}`
  const rest = unknown === 0 ? '' : ` + ${unknown} line(s) that one of the books has no price for`
  return [...shownLines(changes), table.toString(), `${total}${rest}`].join('\n')
}
