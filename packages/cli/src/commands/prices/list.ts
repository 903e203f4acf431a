import { readRevisions } from '@outlay/clickhouse'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { assertPrepared, connectOrExplain, readerSettings } from '#src/connection.ts'

interface ListOptions {
  readonly database: string
  readonly json: boolean
}

export const addListCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  prices
    .command('list')
    .description('revisions of the price book in the ledger, with date, author and reason')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay prices list --database outlay_demo')
    .action(async (options: ListOptions) => {
      const client = await connectOrExplain(readerSettings(context, options.database))
      try {
        await assertPrepared(client, options.database)
        const revisions = await readRevisions(client, options.database)
        context.stdout.write(options.json ? `${JSON.stringify(revisions, null, 2)}\n` : `${render(revisions)}\n`)
        exit(EXIT.done)
      } finally {
        await client.close()
      }
    })
}

const render = (revisions: Awaited<ReturnType<typeof readRevisions>>): string => {
  const table = new Table({
    head: ['revision', 'applied', 'kind', 'author', 'rows', 'closed', 'reason'],
    style: { head: [], border: [] },
  })
  for (const { revision, applied_at, kind, author, rows, closed, reason } of revisions)
    table.push([revision, applied_at, kind, author, rows, closed, reason])
  return table.toString()
}
