import { type ClickHouseClient, CURRENT_BOOK } from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import type { Command } from 'commander'
import { bookKnownAt } from '#src/book/choose-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { assertPrepared, connectOrExplain, readerSettings } from '#src/connection.ts'
import { readKpiOverview } from '#src/screen/kpi-overview.ts'
import { renderOverview } from '#src/screen/render-overview.ts'

interface KpiOptions {
  readonly database: string
  readonly from?: string
  readonly to?: string
  readonly book?: string
  readonly asOf?: string
  readonly currency: string
  readonly json: boolean
}

const DEFAULT_DAYS = 30
const SECONDS_PER_DAY = 86_400
const MS_PER_SECOND = 1_000

export const addKpiCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('kpi')
    .description('the eight KPIs with their verdicts and coverage, on one screen')
    .option('--from <time>', `start of the window, ISO 8601 (default: ${DEFAULT_DAYS} days before its end)`)
    .option('--to <time>', 'end of the window, ISO 8601, exclusive (default: now)')
    .option('--book <name>', 'price book: current, r1, staged, a what-if book (default: current)')
    .option('--as-of <time>', 'priced by the book as it was known then, ISO 8601')
    .option('--currency <code>', 'also show the spend in this currency, at the rates of fx_rates', 'USD')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print the same figures as JSON; money is exact decimal text', false)
    .addHelpText('after', '\nExample:\n  outlay kpi --database outlay_demo --from 2026-11-01 --to 2026-12-01 --json')
    .action(async (options: KpiOptions) => {
      const to = parseTime(options.to, '--to') ?? Math.floor(systemClock.now() / MS_PER_SECOND)
      const from = parseTime(options.from, '--from') ?? to - DEFAULT_DAYS * SECONDS_PER_DAY
      const client = await connectOrExplain(readerSettings(context, options.database))
      try {
        await assertPrepared(client, options.database)
        const book = await chooseBookName(client, options)
        const overview = await readKpiOverview(client, {
          database: options.database,
          from,
          to,
          book,
          currency: parseCurrency(options.currency),
        })
        context.stdout.write(
          options.json
            ? `${JSON.stringify(overview, null, 2)}\n`
            : renderOverview(overview, {
                color: context.stdout.isTTY === true && context.environment['NO_COLOR'] === undefined,
              }),
        )
        exit(EXIT.done)
      } finally {
        await client.close()
      }
    })
}

const parseCurrency = (code: string): string => {
  if (/^[A-Z]{3}$/.test(code)) return code
  throw new OutlayError('E_CURRENCY', 'not a currency', { where: '--currency', got: JSON.stringify(code), want: 'EUR' })
}

const chooseBookName = (client: ClickHouseClient, { book, asOf, database }: KpiOptions): Promise<string> | string => {
  if (asOf === undefined) return book ?? CURRENT_BOOK
  if (book === undefined) return bookKnownAt(client, database, asOf)
  throw new OutlayError('E_BOOK', '--book and --as-of name two books', { fix: 'leave one of them out' })
}

/** Unix seconds. A bare date means 00:00 UTC. */
const parseTime = (text: string | undefined, flag: string): number | undefined => {
  if (text === undefined) return undefined
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) {
    throw new OutlayError('E_TIME', 'not a time', {
      where: flag,
      got: JSON.stringify(text),
      want: 'ISO 8601, such as 2026-11-01 or 2026-11-01T12:00:00Z',
    })
  }
  return Math.floor(milliseconds / MS_PER_SECOND)
}
