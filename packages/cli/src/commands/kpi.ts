/** `outlay kpi`: the eight on one screen, or any view of the registry. */
import type { KpiArguments } from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import type { Command } from 'commander'
import { assertBook, bookAskedFor, withBookQuestion } from '#src/book/choose-book.ts'
import { withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { describeAllViews, describeView, renderDescription, renderList } from '#src/kpi/describe-view.ts'
import { renderCsv, renderJson, renderMarkdown } from '#src/kpi/render-files.ts'
import { renderView } from '#src/kpi/render-view.ts'
import { terminalOf } from '#src/kpi/terminal.ts'
import { askView, type ViewAnswer } from '#src/kpi/view-answer.ts'
import { DEFAULT_DAYS, parseViewArguments } from '#src/kpi/view-arguments.ts'
import type { Answerable, ViewOptions } from '#src/kpi/view-flags.ts'
import { resolveViewName } from '#src/kpi/view-name.ts'
import { kpiViewOf } from '@outlay/clickhouse'
import { readKpiOverview } from '#src/screen/kpi-overview.ts'
import { renderOverview } from '#src/screen/render-overview.ts'

interface KpiOptions extends ViewOptions {
  readonly database: string
  readonly json: boolean
  readonly csv: boolean
  readonly md: boolean
  readonly list: boolean
  readonly describe: boolean
}

const MS_PER_SECOND = 1_000
const SCREEN: Answerable = {
  name: 'the screen of all eight',
  parameters: ['from_time', 'to_time', 'book', 'currency'],
  by: [],
}
const EXAMPLES = `
Examples:
  outlay kpi --database outlay_demo --as-of 2026-12-01
  outlay kpi --list
  outlay kpi task-cost --by feature --where tenant=acme,globex --from 2026-11-01 --to 2026-12-01
  outlay kpi tenant-cost --as-of 2026-12-01 --by tenant --csv
  outlay kpi feature-answer --feature search --describe
A NAME is that of a view, with or without kpi_; --list names them. CSV and Markdown without a NAME are the eight rows of
overview. In --where a comma parts values, \\, is a comma of a value.`

const collected = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value]

export const addKpiCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const kpi = program
    .command('kpi [name]')
    .description('the eight KPIs with their verdicts on one screen, or any KPI view by its NAME')
    .option('--from <time>', `start of the window, ISO 8601 (default: ${DEFAULT_DAYS} days before its end)`)
    .option('--to <time>', 'end of the window, ISO 8601, exclusive (default: --as-of)')
    .option('--as-of <time>', 'the moment that is asked about, ISO 8601 (default: now)')
    .option('--by <dimension>', 'what a row stands for')
    .option('--where <dimension=values>', 'only these: tenant=acme,globex; can be repeated', collected)
    .option('--step <duration>', 'width of a bucket of time: 1d, 6h, 3600')
    .option('--top <rows>', 'how many rows')
    .option('--min-ratio <multiple>', 'rows above this multiple')
    .option('--feature <name>', 'the one feature that is asked about')
    .option('--provider <name>', 'who bills')
    .option('--dimension <name>', 'whose values')
    .option('--currency <code>', 'also show the spend in this currency, at the rates of fx_rates (default: USD)')
  withBookQuestion(kpi)
    .option('--other-book <name>', 'the price book to compare with')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON; money is exact decimal text', false)
    .option('--csv', 'print CSV (RFC 4180); money is exact decimal text', false)
    .option('--md', 'print a Markdown table', false)
    .option('--list', 'print the names and what each answers', false)
    .option('--describe', 'print what NAME takes and what its columns mean', false)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: KpiOptions) => {
      context.stdout.write(await answerKpi(name, options, context))
      exit(EXIT.done)
    })
}

/** Two ways to print contradict each other. */
const assertOneForm = ({ json, csv, md, list, describe }: KpiOptions): void => {
  const forms = Object.entries({ json, csv, md }).flatMap(([form, isGiven]) => (isGiven ? [`--${form}`] : []))
  const isAbout = list || describe
  if (forms.length <= 1 && !(list && describe) && !(isAbout && (csv || md))) return
  throw new OutlayError('E_KPI_OPTION', 'only one form can be printed', {
    got: [...forms, ...(list ? ['--list'] : []), ...(describe ? ['--describe'] : [])].join(' '),
    want: 'one of --json, --csv and --md; --list and --describe go with --json alone',
  })
}

const answerKpi = async (name: string | undefined, options: KpiOptions, context: CommandContext): Promise<string> => {
  assertOneForm(options)
  if (options.list) {
    const views = describeAllViews()
    return options.json ? renderJson({ views }) : renderList(views)
  }
  if (options.describe) return describeOne(name, options, context)
  return name === undefined ? answerScreen(options, context) : answerView(name, options, context)
}

const describeOne = (name: string | undefined, { json }: KpiOptions, context: CommandContext): string => {
  if (name === undefined) {
    throw new OutlayError('E_KPI_OPTION', '--describe needs the NAME of a view', { fix: 'see `outlay kpi --list`' })
  }
  const described = describeView(resolveViewName(name))
  return json ? renderJson({ views: [described] }) : renderDescription(described, terminalOf(context).width)
}

/** The options of views alone, without how to print. */
const viewOptionsOf = ({
  database: _database,
  json: _json,
  csv: _csv,
  md: _md,
  list: _list,
  describe: _describe,
  ...options
}: KpiOptions): ViewOptions => options

const nowSeconds = (): number => Math.floor(systemClock.now() / MS_PER_SECOND)

const answerScreen = async (options: KpiOptions, context: CommandContext): Promise<string> => {
  const { database, json, csv, md } = options
  const args = parseViewArguments(SCREEN, viewOptionsOf(options), nowSeconds())
  return withReader(context, database, async (client) => {
    const book = await bookAskedFor(client, database, options)
    await assertBook(client, database, book)
    const window = { from: Number(args.from_time), to: Number(args.to_time) }
    if (csv || md) {
      const overview = { from_time: window.from, to_time: window.to, book }
      return printed(await askView(client, { database, name: 'kpi_overview', args: overview }), options, context)
    }
    const screen = await readKpiOverview(client, {
      database,
      ...window,
      book,
      currency: String(args.currency ?? 'USD'),
    })
    return json ? renderJson(screen) : renderOverview(screen, terminalOf(context))
  })
}

const answerView = async (text: string, options: KpiOptions, context: CommandContext): Promise<string> => {
  const { database } = options
  const name = resolveViewName(text)
  const view = kpiViewOf(name)
  const given = parseViewArguments(view, viewOptionsOf(options), nowSeconds())
  return withReader(context, database, async (client) => {
    const book = view.parameters.includes('book') ? { book: await bookAskedFor(client, database, options) } : {}
    const args: KpiArguments = { ...given, ...book }
    for (const asked of [args.book, args.other_book]) {
      if (asked !== undefined) await assertBook(client, database, String(asked))
    }
    return printed(await askView(client, { database, name, args }), options, context)
  })
}

const printed = (answer: ViewAnswer, { json, csv, md }: KpiOptions, context: CommandContext): string => {
  if (json) return renderJson(answer)
  if (csv) return renderCsv(answer)
  return md ? renderMarkdown(answer) : renderView(answer, terminalOf(context))
}
