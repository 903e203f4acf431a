import type { BookHistory } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import {
  addToList,
  cellsOnSheets,
  type Facts,
  type Grade,
  LIST_CARD,
  modelNameOf,
  type PriceQuote,
  priceRowOfQuote,
  visibleAt,
} from '@outlay/pricing'
import { type Command, Option } from 'commander'
import { changeBook } from '#src/book/change-book.ts'
import { withWriter, withWriterOptions } from '#src/book/open-book.ts'
import { changeJson, renderChange } from '#src/book/render-change.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseDay, parseInstant, parseWholeNumber } from '#src/parse-option.ts'
import { addCut, type CutOptions } from './add-edge.ts'

interface AddOptions extends CutOptions {
  readonly provider?: string
  readonly model?: string
  readonly name?: string
  readonly meter?: string
  readonly price?: string
  readonly per?: string
  readonly currency: string
  readonly tier: string
  readonly region: string
  readonly band: string
  readonly to?: string
  readonly source?: string
  readonly sourceUrl: string
  readonly checkedAt?: string
  readonly grade: Grade
  readonly allowPast: boolean
  readonly allowJump: boolean
  readonly dryRun: boolean
}

/** Options of a price or a name: they concern a model. */
type ModelOptions = AddOptions & { readonly provider: string; readonly model: string }

export const addAddCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withWriterOptions(
    prices
      .command('add')
      .description(
        'record one dated price or one name of a model as a new revision; or cut calls where a price needs it',
      )
      .requiredOption('--reason <text>', 'why it is added')
      .option('--provider <name>', 'who bills, canonical')
      .option('--model <name>', 'canonical model')
      .option('--name <raw>', 'a name as telemetry spells it, for the model; instead of a price')
      .option('--meter <name>', 'meter, such as input or output')
      .option('--price <decimal>', 'as quoted, such as 3.75')
      .option('--from <time>', 'when it starts to hold, ISO 8601; a bare date is 00:00 UTC')
      .option('--to <time>', 'when it ends, exclusive (default: open)')
      .option('--source <id>', 'where the price was read')
      .option('--checked-at <date>', 'day the source showed it')
      .option('--per <units>', 'units the price buys (default: as the meter is usually quoted)')
      .option('--currency <code>', 'currency of the quote', 'USD')
      .option('--tier <name>', 'service tier', 'standard')
      .option('--region <name>', 'region; empty for the global list', '')
      .option('--band <n>', 'long-context thresholds exceeded', '0')
      .option('--source-url <url>', 'address of the source', '')
      .addOption(
        new Option('--grade <grade>', 'A provider page, B catalogues agree, C one catalogue, D assumed')
          .choices(['A', 'B', 'C', 'D'])
          .default('C'),
      )
      .option('--allow-past', 'let prices change that calls were billed by already', false)
      .option('--allow-jump', 'let the price move more than tenfold, or to 0', false)
      .option(
        '--edge <tokens>',
        'tokens at which calls are cut from --from on, so that a price may have a threshold there',
      )
      .option(
        '--slot-edge <model@time>',
        'instant inside a slot at which calls of one raw model are cut, so that its price may change there',
      )
      .option('--timeout <seconds>', 'how long --edge and --slot-edge wait for calls to be moved', '600')
      .option('--dry-run', 'stage it only, as the book "staged"', false)
      .option('--json', 'print JSON', false),
  )
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices add --provider openai --model gpt-5 --meter input --price 1.10 --from 2026-12-01 \\\n    --source openai-pricing --checked-at 2026-11-21 --grade A --reason "announced cut"\n  outlay prices add --provider azure --model gpt-5 --name prod-chat --reason "our deployment"\n  outlay prices add --edge 150000 --from 2026-09-01 --reason "long-context price of our contract"',
    )
    .action(async (options: AddOptions) => {
      if (options.edge !== undefined || options.slotEdge !== undefined) {
        exit(await addCut(context, options))
        return
      }
      const { database, author, reason, allowPast, allowJump, dryRun } = options
      const ofModel = withModel(options)
      const factsOf = options.name === undefined ? priceFacts : nameFacts
      const result = await withWriter(context, options, (client) =>
        changeBook(client, {
          database,
          kind: 'add',
          author,
          reason,
          allowPast,
          apply: !dryRun,
          change: (history) => addToList(history.recorded, history.latest, factsOf(history, ofModel)),
          waive: allowJump ? ['E_JUMP'] : [],
        }),
      )
      context.stdout.write(`${options.json ? changeJson(result) : renderChange(result)}\n`)
      exit(result.outcome === 'refused' ? EXIT.finding : EXIT.done)
    })
}

const withModel = (options: AddOptions): ModelOptions => {
  const { provider, model } = options
  if (provider !== undefined && model !== undefined) return { ...options, provider, model }
  throw incomplete(provider === undefined ? ['provider', ...(model === undefined ? ['model'] : [])] : ['model'])
}

const incomplete = (missing: readonly string[]): OutlayError =>
  new OutlayError('E_PRICE_QUOTE', 'the price is not complete', {
    got: `nothing for ${missing.map((name) => `--${name}`).join(', ')}`,
    fix: 'see `outlay prices add --help`; for a name of a model give --name, for an edge --edge or --slot-edge',
  })

const windowOf = ({ from, to }: AddOptions): Pick<PriceQuote, 'validFrom'> & { readonly validTo?: number } => ({
  validFrom: from === undefined ? 0 : parseInstant(from, '--from'),
  ...(to === undefined ? {} : { validTo: parseInstant(to, '--to') }),
})

const nameFacts = ({ recorded, latest }: BookHistory, options: ModelOptions): Facts => {
  const { provider, model, region, name = '' } = options
  const book = visibleAt(recorded, latest)
  const named = modelNameOf(book, { card: LIST_CARD, provider, model, region, name, ...windowOf(options) })
  return { rows: [], bands: [], names: [named] }
}

const priceFacts = ({ recorded, latest }: BookHistory, options: ModelOptions): Facts =>
  cellsOnSheets(recorded, latest, [priceRowOfQuote(visibleAt(recorded, latest), quoteOf(options))])

const quoteOf = (options: ModelOptions): PriceQuote => {
  const { meter, price, source, checkedAt, from } = options
  const given = { meter, price, from, source, 'checked-at': checkedAt }
  const missing = Object.entries(given).filter(([, value]) => value === undefined)
  if (
    meter === undefined ||
    price === undefined ||
    source === undefined ||
    checkedAt === undefined ||
    from === undefined
  ) {
    throw incomplete(missing.map(([name]) => name))
  }
  return {
    provider: options.provider,
    model: options.model,
    region: options.region,
    tier: options.tier,
    band: parseWholeNumber(options.band, '--band'),
    meter,
    price,
    currency: options.currency,
    ...(options.per === undefined ? {} : { per: parseWholeNumber(options.per, '--per') }),
    ...windowOf(options),
    source,
    sourceUrl: options.sourceUrl,
    checkedAt: parseDay(checkedAt, '--checked-at'),
    grade: options.grade,
    note: options.reason,
  }
}
