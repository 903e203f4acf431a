/** `outlay explain feature NAME`: the five-minute answer. */
import { kpiViewOf } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import type { Command } from 'commander'
import { assertBook, type BookQuestion, bookAskedFor, withBookQuestion } from '#src/book/choose-book.ts'
import { withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { terminalOf } from '#src/kpi/terminal.ts'
import { parseViewArguments } from '#src/kpi/view-arguments.ts'

interface FeatureCommandOptions extends BookQuestion {
  readonly asOf?: string
  readonly where?: readonly string[]
  readonly database: string
  readonly json: boolean
}

const MS_PER_SECOND = 1_000
const EVERYTHING = ['*']

const collected = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value]

export const addFeatureCommand = (explain: Command, context: CommandContext, exit: (code: number) => void): void => {
  const command = explain
    .command('feature <name>')
    .description(
      'what a task of a feature costs now and 30 days ago, what changed it, and the dearest tasks, models and routes',
    )
    .option('--as-of <time>', 'the moment that is asked about, ISO 8601, never beyond now (default: now)')
    .option('--where <dimension=values>', 'only this tenant or workload: tenant=acme; can be repeated', collected)
  withBookQuestion(command)
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON; money is exact decimal text', false)
    .addHelpText('after', '\nExample:\n  outlay explain feature search --where tenant=acme --as-of 2026-12-01')
    .action(async (feature: string, options: FeatureCommandOptions) => {
      const { database, json, ...asked } = options
      const now = Math.floor(systemClock.now() / MS_PER_SECOND)
      const args = parseViewArguments(kpiViewOf('kpi_feature_answer'), { ...asked, feature }, now)
      const [{ explainFeature }, { renderFeature }] = await Promise.all([
        import('#src/explain/explain-feature.ts'),
        import('#src/explain/render-feature.ts'),
      ])
      const answer = await withReader(context, database, async (client) => {
        const book = await bookAskedFor(client, database, options)
        await assertBook(client, database, book)
        const { tenants = EVERYTHING, workloads = EVERYTHING } = args
        const asOf = Math.min(Number(args.as_of), now)
        return explainFeature(client, {
          database,
          feature,
          asOf,
          book,
          tenants: [tenants].flat().map(String),
          workloads: [workloads].flat().map(String),
        })
      })
      context.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : renderFeature(answer, terminalOf(context)))
      exit(answer.agree ? EXIT.done : EXIT.finding)
    })
}
