/** `outlay facts list`: what is loaded. */
import { listFacts, type LoadedFacts } from '@outlay/clickhouse'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'

interface ListOptions {
  readonly database: string
  readonly json: boolean
}

export const addListCommand = (facts: Command, context: CommandContext, exit: (code: number) => void): void => {
  facts
    .command('list')
    .description('what is loaded: rows, latest load and latest valid_from of every table')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay facts list')
    .action(async (options: ListOptions) => {
      const { FACT_SOURCES } = await import('#src/facts/fact-sources.ts')
      const shapes = Object.values(FACT_SOURCES).map(({ shape }) => shape)
      const loaded = await withReader(context, options.database, (client) =>
        listFacts(client, options.database, shapes),
      )
      context.stdout.write(`${options.json ? jsonOf(loaded) : render(loaded)}\n`)
      exit(EXIT.done)
    })
}

const jsonOf = (loaded: readonly LoadedFacts[]): string =>
  JSON.stringify(
    loaded.map(({ table, rows, latestLoad, latestValidFrom }) => ({
      table,
      rows,
      latest_load: latestLoad,
      latest_valid_from: latestValidFrom,
    })),
    null,
    2,
  )

const render = (loaded: readonly LoadedFacts[]): string => {
  const table = new Table({
    head: ['facts', 'rows', 'latest load', 'latest valid from'],
    style: { head: [], border: [] },
  })
  for (const { table: name, rows, latestLoad, latestValidFrom } of loaded) {
    table.push([name, String(rows), latestLoad ?? '–', latestValidFrom ?? '–'])
  }
  return table.toString()
}
