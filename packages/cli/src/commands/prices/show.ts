import { OutlayError } from '@outlay/core'
import { type BookData, OPEN_END, type PriceRow } from '@outlay/pricing'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { type BookOptions, chooseBook, withBookOptions } from '#src/book/choose-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseInstant } from '#src/parse-option.ts'

interface ShowOptions extends BookOptions {
  readonly provider?: string
  readonly at?: string
  readonly json: boolean
}

const MS_PER_SECOND = 1_000

export const addShowCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withBookOptions(
    prices
      .command('show <model>')
      .description('one model: every price with its window, source and grade')
      .option('--provider <name>', 'only this biller')
      .option('--at <time>', 'only prices that hold at this time, ISO 8601')
      .option('--json', 'print JSON', false),
  )
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices show claude-opus-5-5 --at 2026-11-01\n  outlay prices show gpt-5 --book current --tenant acme\n  outlay prices show gpt-5 --as-of 2026-10-01',
    )
    .action(async (model: string, options: ShowOptions) => {
      const at = options.at === undefined ? undefined : parseInstant(options.at, '--at')
      const { book } = await chooseBook(context, options)
      const rows = book.rows.filter(
        (row) =>
          row.model === model &&
          (options.provider === undefined || row.provider === options.provider) &&
          (at === undefined || (row.validFrom <= at && at < row.validTo)),
      )
      if (rows.length === 0) throw unknownModel(book, model)
      context.stdout.write(options.json ? `${JSON.stringify(rows.map(shownRow), null, 2)}\n` : `${renderRows(rows)}\n`)
      exit(EXIT.done)
    })
}

const unknownModel = ({ rows }: BookData, model: string): OutlayError => {
  const near = [...new Set(rows.map((row) => row.model))].filter(
    (known) => known.includes(model) || model.includes(known),
  )
  return new OutlayError('E_UNKNOWN_PRICE', 'the book has no such price', {
    got: model,
    ...(near.length > 0 ? { want: near.slice(0, 5).join(', ') } : {}),
    fix: 'models stand under their canonical id; try without --provider and --at',
  })
}

const instant = (seconds: number): string =>
  seconds === OPEN_END ? '' : new Date(seconds * MS_PER_SECOND).toISOString().replace('.000Z', 'Z')

const shownRow = (row: PriceRow) => ({
  row_id: `${row.rowId}`,
  card: row.card,
  provider: row.provider,
  model: row.model,
  region: row.region,
  tier: row.tier,
  band: row.band,
  meter: row.meter,
  currency: row.currency,
  price: row.price,
  per: row.per,
  valid_from: instant(row.validFrom),
  valid_to: instant(row.validTo),
  source: row.source,
  source_url: row.sourceUrl,
  checked_at: row.checkedAt,
  grade: row.grade,
  derived_from: row.derivedFrom,
})

const renderRows = (rows: readonly PriceRow[]): string => {
  const table = new Table({
    head: ['card', 'biller', 'region', 'tier', 'band', 'meter', 'price', 'from', 'to', 'grade', 'source', 'how'],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    table.push([
      row.card,
      row.provider,
      row.region || 'global',
      row.tier,
      row.band,
      row.meter,
      `${row.price} ${row.currency} / ${row.per}`,
      instant(row.validFrom),
      instant(row.validTo) || 'open',
      row.grade,
      row.source,
      row.derivedFrom,
    ])
  }
  return table.toString()
}
