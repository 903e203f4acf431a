import { loadBands, type LoadedBands, migrate, schemaStatements, type SchemaTarget } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import type { Command } from 'commander'
import { readBandsOption } from '#src/bands-option.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { connectOrExplain, DATA_DIRECTORY, migratorSettings } from '#src/connection.ts'

interface MigrateOptions {
  readonly database: string
  readonly dataDir: string
  readonly dryRun: boolean
  readonly cluster?: string
  readonly bands?: string
}

export const addMigrateCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('migrate')
    .description('apply or print the migrations of the ledger')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--data-dir <dir>', 'data directory of the embedded engine', DATA_DIRECTORY)
    .option(
      '--cluster <name>',
      'replicated form on this cluster, of all servers that hold the ledger (default: the form that the database has)',
    )
    .option('--bands <file>', 'also load the bands of the KPIs from a file, as deploy/config/bands.yaml')
    .option('--dry-run', 'print the statements, apply nothing', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay migrate --dry-run --cluster main > schema.sql\n  outlay migrate --bands bands.yaml',
    )
    .action(async (options: MigrateOptions) => {
      const target: SchemaTarget = {
        database: options.database,
        ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
      }
      const { bands } = await readBandsOption(context, options.bands)
      if (options.dryRun) {
        for (const statement of schemaStatements(target)) context.stdout.write(`${statement.trim()};\n\n`)
        exit(EXIT.done)
        return
      }
      const client = await connectOrExplain(await migratorSettings(context, 'default', options.dataDir))
      try {
        const { applied, unsummedShards } = await migrate(client, target)
        context.stdout.write(applied.length === 0 ? 'The schema is current.\n' : `Applied: ${applied.join(', ')}\n`)
        if (unsummedShards.length > 0) {
          context.stdout.write(
            `Counters of the shard(s) ${unsummedShards.join(', ')} are not summed yet: run this with CLICKHOUSE_URL of a server of each, before its collectors start.\n`,
          )
        }
        if (bands !== undefined) {
          const loaded = await loadBands(client, options.database, { clock: systemClock, configured: bands })
          context.stdout.write(`${bandsSentence(loaded)}\n`)
        }
        exit(EXIT.done)
      } finally {
        await client.close()
      }
    })
}

const bandsSentence = ({ configured, changed }: LoadedBands): string =>
  `${changed ? 'Bands loaded' : 'The bands are current'}: ${configured.length === 0 ? 'all as packaged' : `${configured.join(', ')} from the file, the others as packaged`}.`
