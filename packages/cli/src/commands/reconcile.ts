import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CURRENT_BOOK } from '@outlay/clickhouse'
import { OutlayError, parseDecimal } from '@outlay/core'
import {
  type ExportFile,
  parseProviderExport,
  RECONCILE_PROVIDERS,
  reconcile,
  reconciliationJson,
  type ReconcileProvider,
  renderReconciliation,
} from '@outlay/pricing'
import { type Command, Option } from 'commander'
import { withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'

interface ReconcileCommandOptions {
  readonly provider: ReconcileProvider
  readonly file: readonly string[]
  readonly project?: readonly string[]
  readonly book: string
  readonly goal: string
  readonly database: string
  readonly json: boolean
}

const GOAL_DECIMALS = 1
const PERMILLE_MAX = 1_000n

export const addReconcileCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('reconcile')
    .description(
      "the ledger against the provider's own usage and costs: every difference split and named; exit 1 if more than the goal is unexplained",
    )
    .addOption(
      new Option('--provider <name>', 'whose exports the files are').choices(RECONCILE_PROVIDERS).makeOptionMandatory(),
    )
    .requiredOption('--file <path...>', 'saved export, JSON or CSV; usage and costs usually come in several')
    .option('--project <id...>', 'project or workspace that sends spans; the use of any other is not instrumented')
    .option('--book <name>', 'price book of our figures', CURRENT_BOOK)
    .option('--goal <percent>', 'unexplained share of a month that is still fine', '0.5')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON; money is exact decimal text', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay reconcile --provider openai --file usage-november.json --file costs-november.json',
    )
    .action(async (options: ReconcileCommandOptions) => {
      const goalPermille = permilleOf(options.goal)
      const theirs = parseProviderExport(options.provider, await readExports(context, options.file))
      // It settles what is open as the collector would: no other command should wait for that to load.
      const { readLedgerSide } = await import('./reconcile/ledger-side.ts')
      const { book } = options
      const { ours, known, revision } = await withReader(context, options.database, (client) =>
        readLedgerSide(client, options.database, { theirs, book }),
      )
      const projects = options.project === undefined ? {} : { instrumentedProjects: options.project }
      const result = reconcile({ theirs, ours, options: { ...known, ...projects, goalPermille } })
      context.stdout.write(
        options.json
          ? `${JSON.stringify({ book, revision, ...reconciliationJson(result) }, null, 2)}\n`
          : `${renderReconciliation(result)}\nOur prices: book ${book}, revision ${revision}\n`,
      )
      exit(result.withinGoal ? EXIT.done : EXIT.finding)
    })
}

/** Percent with one decimal → 1/1000. */
const permilleOf = (percent: string): number => {
  const permille = parseDecimal(percent, GOAL_DECIMALS)
  if (permille >= 0n && permille <= PERMILLE_MAX) return Number(permille)
  throw new OutlayError('E_DECIMAL', 'not a share', { where: '--goal', got: percent, want: 'percent from 0 to 100' })
}

const readExports = (context: CommandContext, paths: readonly string[]): Promise<ExportFile[]> =>
  Promise.all(
    paths.map(async (path) => {
      try {
        return { name: path, text: await readFile(resolve(context.cwd, path), 'utf8') }
      } catch (cause) {
        throw new OutlayError('E_FILE', 'the file cannot be read', {
          where: path,
          got: (cause as NodeJS.ErrnoException).code ?? '',
          cause,
        })
      }
    }),
  )
