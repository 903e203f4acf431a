/** `outlay facts load`: the whole file is looked at before anything is written, without a database. */
import { loadFacts } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { Argument, type Command, Option } from 'commander'
import { withWriter } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { DATA_DIRECTORY } from '#src/connection.ts'
import { FACT_FORMATS, type FactFormat, formatOfName } from '#src/facts/fact-format.ts'
import { listedProblems, refusedFacts } from '#src/facts/fact-problem.ts'
import { FACT_TABLES, type FactTable } from '#src/facts/fact-tables.ts'
import type { ParsedFacts } from '#src/facts/parse-facts.ts'
import { readBytes } from '#src/read-file.ts'

interface LoadOptions {
  readonly format?: FactFormat
  readonly database: string
  readonly dataDir: string
  readonly dryRun: boolean
  readonly json: boolean
}

export const addLoadCommand = (facts: Command, context: CommandContext, exit: (code: number) => void): void => {
  facts
    .command('load')
    .description('load a file of facts: all of it, or nothing and every problem with row and column')
    .addArgument(new Argument('<table>', 'what the file holds').choices(FACT_TABLES))
    .argument('<file>', 'CSV, JSON (an array, or one object per line) or Parquet; `-` reads stdin')
    .addOption(new Option('--format <name>', 'format, where the extension does not tell it').choices(FACT_FORMATS))
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--data-dir <dir>', 'data directory of the embedded engine', DATA_DIRECTORY)
    .option('--dry-run', 'look at the file only; needs no database', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay facts load tenants tenants.csv\n  outlay facts load revenue export.parquet --dry-run --json\n\nColumns of each table: docs/reference/facts.md',
    )
    .action(async (table: FactTable, path: string, options: LoadOptions) => {
      const format = options.format ?? formatOfName(path)
      const bytes = await readBytes(context, path)
      // Formats and schemas are loaded only by the command that reads them.
      const [{ parseFacts }, { FACT_SOURCES }] = await Promise.all([
        import('#src/facts/parse-facts.ts'),
        import('#src/facts/fact-sources.ts'),
      ])
      const source = FACT_SOURCES[table]
      const parsed = await parseFacts(source, { bytes, format })
      if (parsed.problems.length > 0 && !options.json) throw refusedFacts(path, parsed.problems)
      const mayLoad = parsed.problems.length === 0 && !options.dryRun
      const written = mayLoad
        ? await withWriter(context, options, async (client) => {
            const { shape, keyOf } = source
            const { rows } = parsed
            return (await loadFacts(client, options.database, shape, { rows, keyOf, clock: systemClock })).written
          })
        : 0
      const answer = options.json ? jsonOf(table, parsed, written) : sentenceOf(table, parsed, { written, ...options })
      context.stdout.write(`${answer}\n`)
      exit(parsed.problems.length > 0 ? EXIT.usage : EXIT.done)
    })
}

const jsonOf = (table: string, { rowsRead, problems }: ParsedFacts, written: number): string => {
  const { listed, unlisted } = listedProblems(problems)
  return JSON.stringify(
    { table, rows: rowsRead, loaded: written, problems: listed, unlisted_problems: unlisted },
    null,
    2,
  )
}

const sentenceOf = (
  table: string,
  { rowsRead }: ParsedFacts,
  { written, dryRun, database }: { readonly written: number; readonly dryRun: boolean; readonly database: string },
): string => {
  if (dryRun) return `${table}: ${rowsRead} row(s) are in order; nothing was loaded.`
  if (written === 0) return `${table}: all ${rowsRead} row(s) hold already in ${database}; nothing was changed.`
  const known = rowsRead - written
  return `${table}: ${written} row(s) loaded into ${database}${known === 0 ? '' : `; ${known} held already`}.`
}
