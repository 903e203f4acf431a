import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { bookNamed, type ClickHouseClient, CURRENT_BOOK, queryKpi, readStoredBooks } from '@outlay/clickhouse'
import { type Meter, OutlayError, parseUsd, systemClock, utcDayOf } from '@outlay/core'
import {
  type BookData,
  driftReport,
  type DriftWaiver,
  loadPackagedBook,
  parseDriftWaivers,
  type PriceRow,
  readCatalogue,
  type SkuSpend,
  spendByPrice,
} from '@outlay/pricing'
import type { Command } from 'commander'
import { bookTables, withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseDay } from '#src/parse-option.ts'
import { readTextFile } from '#src/read-file.ts'
import { driftJson, type DriftResult, type MoneyTouched, renderDrift } from './render-drift.ts'

interface DriftCommandOptions {
  readonly file: string
  readonly waivers?: string
  readonly book?: string
  readonly database?: string
  readonly checkedAt?: string
  readonly json: boolean
}

const MS_PER_SECOND = 1_000
const SECONDS_PER_DAY = 86_400
const MONEY_DAYS = 30
const DEFAULT_DATABASE = 'outlay'

export const addDriftCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  prices
    .command('drift')
    .description(
      'advisory: where another catalogue shows another price than ours, by the money that it touches; applies nothing; exit 1 if there is any',
    )
    .requiredOption(
      '--file <path>',
      'the other catalogue: the model price map of LiteLLM, the genai-prices feed, a price-rows.json, or an overlay',
    )
    .option('--waivers <path>', 'differences that were explained, each with a last day (outlay-drift-waivers/1)')
    .option('--book <name>', 'a book of the ledger: current, r1, staged, a what-if book (default: the packaged one)')
    .option('--database <name>', `database of the ledger (default: ${DEFAULT_DATABASE})`)
    .option('--checked-at <date>', 'day on which the catalogue was downloaded (default: the date of the file)')
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices drift --file model_prices_and_context_window.json --waivers drift-waivers.yaml',
    )
    .action(async (options: DriftCommandOptions) => {
      const result = await compare(context, options)
      context.stdout.write(`${options.json ? driftJson(result) : renderDrift(result)}\n`)
      exit(result.report.lines.length === 0 ? EXIT.done : EXIT.finding)
    })
}

const compare = async (context: CommandContext, options: DriftCommandOptions): Promise<DriftResult> => {
  const now = Math.floor(systemClock.now() / MS_PER_SECOND)
  const text = await readTextFile(context, options.file)
  const checkedAt = await dayOf(context, options)
  const waivers = await readWaivers(context, options.waivers)
  const { name, book } = await openBook(context, options)
  const catalogue = readCatalogue({ file: options.file, text, checkedAt }, { book, now })
  const money = await readMoney(context, options, book, now)
  const touched = 'touched' in money ? { touched: money.touched } : {}
  const report = driftReport(book, catalogue.sheets, { now, waivers, ...touched })
  return { file: options.file, checkedAt, book: name, catalogue, report, money: moneyOf(money) }
}

/** A file that was downloaded is as old as its content is known to be: catalogues without dates say no more. */
const dayOf = async ({ cwd }: CommandContext, { file, checkedAt }: DriftCommandOptions): Promise<string> => {
  if (checkedAt !== undefined) return parseDay(checkedAt, '--checked-at')
  const { mtimeMs } = await stat(resolve(cwd, file))
  return utcDayOf(mtimeMs)
}

const readWaivers = async (context: CommandContext, file: string | undefined): Promise<readonly DriftWaiver[]> =>
  file === undefined ? [] : parseDriftWaivers({ file, text: await readTextFile(context, file) })

interface NamedBook {
  readonly name: string
  readonly book: BookData
}

const openBook = async (context: CommandContext, { book: name, database }: DriftCommandOptions): Promise<NamedBook> => {
  if (name === undefined) return { name: 'packaged', book: loadPackagedBook() }
  return withReader(context, database ?? DEFAULT_DATABASE, async (client) => {
    const books = await readStoredBooks(client, database ?? DEFAULT_DATABASE, bookTables())
    return { name, book: bookNamed(books, name).read() }
  })
}

type Money =
  | { readonly database: string; readonly pricedBy: string; readonly touched: (row: PriceRow) => bigint }
  | { readonly leftOut: string }

const moneyOf = (money: Money): MoneyTouched =>
  'leftOut' in money ? money : { database: money.database, pricedBy: money.pricedBy, days: MONEY_DAYS }

/** Without a ledger the report is as good as ever, and unsorted: only a book that lives there makes it necessary. */
const readMoney = async (
  context: CommandContext,
  { book: pricedBy = CURRENT_BOOK, database = DEFAULT_DATABASE }: DriftCommandOptions,
  book: BookData,
  now: number,
): Promise<Money> => {
  try {
    const spends = await withReader(context, database, (client) => readSpends(client, database, pricedBy, now))
    return { database, pricedBy, touched: spendByPrice(book, spends, now) }
  } catch (error) {
    if (error instanceof OutlayError && error.code === 'E_UNREACHABLE') return { leftOut: error.message }
    throw error
  }
}

interface SpendRow {
  readonly provider: string
  readonly model: string
  readonly region: string
  readonly tier: string
  readonly prompt_band: number
  readonly meter: Meter
  readonly spend_usd: string | null
}

const readSpends = async (
  client: ClickHouseClient,
  database: string,
  book: string,
  now: number,
): Promise<readonly SkuSpend[]> => {
  const window = { from_time: now - MONEY_DAYS * SECONDS_PER_DAY, to_time: now }
  const rows = await queryKpi<SpendRow>(client, database, 'kpi_sheet_spend', { ...window, book })
  return rows.map(({ provider, model, region, tier, prompt_band: promptBand, meter, spend_usd: usd }) => {
    const femtoUsd = usd === null ? 0n : parseUsd(usd)
    return { provider, model, region, tier, promptBand, meter, femtoUsd }
  })
}
