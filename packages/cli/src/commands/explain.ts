/** `outlay explain`: from a figure down to its evidence. */
import { OutlayError } from '@outlay/core'
import type { Command } from 'commander'
import { type BookQuestion, withBookQuestion } from '#src/book/choose-book.ts'
import { withReader } from '#src/book/open-book.ts'
import { addFeatureCommand } from './explain/feature.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseSpan } from '#src/explain/find-call.ts'

interface ExplainCommandOptions extends BookQuestion {
  readonly database: string
  readonly json: boolean
}

const withExplainOptions = (command: Command): Command =>
  withBookQuestion(command)
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON; money is exact decimal text', false)

export const addExplainCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const explain = program
    .command('explain')
    .description('from a figure down to its evidence; exit 1 if two ways to it differ')
    .argument('[words...]')
    .addHelpText(
      'after',
      '\nExample:\n  outlay explain call 00f067aa0ba902b7\n  outlay explain task ticket-4711 --tenant acme\n  outlay explain feature search',
    )
    .action((words: readonly string[]) => {
      throw new OutlayError('E_EXPLAIN', 'nothing of that kind is explained', {
        got: words[0] ?? 'no kind',
        want: 'call SPAN, task ID or feature NAME',
      })
    })
  addCallCommand(explain, context, exit)
  addTaskCommand(explain, context, exit)
  addFeatureCommand(explain, context, exit)
}

const addCallCommand = (explain: Command, context: CommandContext, exit: (code: number) => void): void => {
  withExplainOptions(explain.command('call <span>'))
    .description('one span: its entries, meters, price rows and rule, the attributes that were read, and its trace')
    .option('--authority <name>', 'who vouches for the span, where several senders chose the same ids')
    .addHelpText(
      'after',
      '\nExample:\n  outlay explain call 00f067aa0ba902b7\n  outlay explain call 4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7 --book r1 --json',
    )
    .action(async (text: string, options: ExplainCommandOptions & { readonly authority?: string }) => {
      const { authority, database, json } = options
      const span = { ...parseSpan(text), ...(authority === undefined ? {} : { authority }) }
      // It settles as the collector would: no other command should wait for that to load.
      const [{ explainCall }, { renderCall }] = await Promise.all([
        import('#src/explain/explain-call.ts'),
        import('#src/explain/render-call.ts'),
      ])
      const call = await withReader(context, database, (client) => explainCall(client, span, options))
      context.stdout.write(`${json ? JSON.stringify(call, null, 2) : renderCall(call)}\n`)
      const agrees = call.rederived.agrees || call.rederived.pending
      exit(agrees && call.entries.every(({ price }) => price.agree) ? EXIT.done : EXIT.finding)
    })
}

const addTaskCommand = (explain: Command, context: CommandContext, exit: (code: number) => void): void => {
  withExplainOptions(explain.command('task <id>'))
    .description('one task: its calls in order with their cost, the total as its KPI has it, and what is in quarantine')
    .option('--tenant <id>', 'whose task, where several tenants chose the same id')
    .addHelpText('after', '\nExample:\n  outlay explain task ticket-4711 --tenant acme')
    .action(async (id: string, options: ExplainCommandOptions & { readonly tenant?: string }) => {
      const [{ explainTask }, { renderTask }] = await Promise.all([
        import('#src/explain/explain-task.ts'),
        import('#src/explain/render-task.ts'),
      ])
      const task = await withReader(context, options.database, (client) => explainTask(client, id, options))
      context.stdout.write(`${options.json ? JSON.stringify(task, null, 2) : renderTask(task)}\n`)
      exit(task.agree ? EXIT.done : EXIT.finding)
    })
}
