import { appendPriceRows, type ClickHouseClient, connect, readStoredBooks } from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import { type Grade, loadPackagedBook, type PriceQuote, type PriceRow, priceRowOfQuote } from '@outlay/pricing'
import { type Command, Option } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { assertPrepared, DATA_DIRECTORY, migratorSettings } from '#src/connection.ts'

interface AddOptions {
  readonly provider: string
  readonly model: string
  readonly meter: string
  readonly price: string
  readonly per?: string
  readonly tier: string
  readonly region: string
  readonly band: string
  readonly from: string
  readonly to?: string
  readonly source: string
  readonly sourceUrl: string
  readonly checkedAt: string
  readonly grade: Grade
  readonly reason: string
  readonly author: string
  readonly database: string
  readonly dataDir: string
}

const MS_PER_SECOND = 1_000

export const addAddCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  prices
    .command('add')
    .description(
      'record one dated price as a new revision; history from that date on costs the new price within seconds',
    )
    .requiredOption('--provider <name>', 'who bills, canonical')
    .requiredOption('--model <name>', 'canonical model')
    .requiredOption('--meter <name>', 'meter, such as input or output')
    .requiredOption('--price <decimal>', 'as quoted, such as 3.75')
    .requiredOption('--from <time>', 'when it starts to hold, ISO 8601; a bare date is 00:00 UTC')
    .requiredOption('--source <id>', 'where it was read')
    .requiredOption('--checked-at <date>', 'day the source showed it')
    .requiredOption('--reason <text>', 'why it is added')
    .option('--to <time>', 'when it ends, exclusive (default: open)')
    .option('--per <units>', 'units the price buys (default: as the meter is usually quoted)')
    .option('--tier <name>', 'service tier', 'standard')
    .option('--region <name>', 'region; empty for the global list', '')
    .option('--band <n>', 'long-context thresholds exceeded', '0')
    .option('--source-url <url>', 'address of the source', '')
    .addOption(
      new Option('--grade <grade>', 'A provider page, B catalogues agree, C one catalogue, D assumed')
        .choices(['A', 'B', 'C', 'D'])
        .default('C'),
    )
    .option('--author <name>', 'who adds it', 'outlay prices add')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--data-dir <dir>', 'data directory of the embedded engine', DATA_DIRECTORY)
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices add --provider openai --model gpt-5 --meter input --price 1.10 --from 2026-12-01 \\\n    --source openai-pricing --checked-at 2026-11-21 --reason "announced cut"',
    )
    .action(async (options: AddOptions) => {
      const client = connect(await migratorSettings(context, options.database, options.dataDir))
      try {
        await assertPrepared(client, options.database)
        const { row, revision } = await addPrice(client, options)
        context.stdout.write(`${describe(row, revision)}\n`)
        exit(EXIT.done)
      } finally {
        await client.close()
      }
    })
}

const addPrice = async (
  client: ClickHouseClient,
  options: AddOptions,
): Promise<{ readonly row: PriceRow; readonly revision: number }> => {
  const [current] = await readStoredBooks(client, options.database)
  if (!current) throw new Error('BUG: there is always a current book')
  const row = priceRowOfQuote({ bands: current.bands, bandEdges: loadPackagedBook().bandEdges }, quoteOf(options))
  const note = { author: options.author, reason: options.reason, atMs: systemClock.now() }
  return { row, revision: await appendPriceRows(client, options.database, [row], note) }
}

const quoteOf = (options: AddOptions): PriceQuote => ({
  provider: options.provider,
  model: options.model,
  region: options.region,
  tier: options.tier,
  band: wholeNumber(options.band, '--band'),
  meter: options.meter,
  price: options.price,
  currency: 'USD',
  ...(options.per === undefined ? {} : { per: wholeNumber(options.per, '--per') }),
  validFrom: instant(options.from, '--from'),
  ...(options.to === undefined ? {} : { validTo: instant(options.to, '--to') }),
  source: options.source,
  sourceUrl: options.sourceUrl,
  checkedAt: isoDate(options.checkedAt),
  grade: options.grade,
  note: options.reason,
})

const wholeNumber = (text: string, flag: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new OutlayError('E_NUMBER', 'not a whole number', {
    where: flag,
    got: JSON.stringify(text),
    want: 'digits only',
  })
}

const instant = (text: string, flag: string): number => {
  const milliseconds = Date.parse(text)
  if (!Number.isNaN(milliseconds) && /^\d{4}-\d{2}-\d{2}($|T.*(Z|[+-]\d{2}:\d{2})$)/.test(text))
    return milliseconds / MS_PER_SECOND
  throw new OutlayError('E_TIME', 'not a time', {
    where: flag,
    got: JSON.stringify(text),
    want: '2026-12-01 or 2026-12-01T08:00:00Z',
  })
}

const isoDate = (text: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new OutlayError('E_TIME', 'not a date', {
    where: '--checked-at',
    got: JSON.stringify(text),
    want: '2026-11-21',
  })
}

const describe = (
  { provider, model, tier, region, meter, price, per, validFrom }: PriceRow,
  revision: number,
): string => {
  const sheet = [provider, model, tier, region].filter((part) => part !== '').join(' · ')
  return `Revision ${revision}: ${sheet} · ${meter} costs ${price} USD per ${per} from ${new Date(validFrom * MS_PER_SECOND).toISOString()}. Before it stays reproducible as book r${revision - 1}.`
}
