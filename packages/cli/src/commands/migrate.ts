import { migrate, readMigrations, readViews, renderSql, type SchemaTarget } from '@outlay/clickhouse'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { connectOrExplain, DATA_DIRECTORY, migratorSettings } from '#src/connection.ts'

interface MigrateOptions {
  readonly database: string
  readonly dataDir: string
  readonly dryRun: boolean
  readonly cluster?: string
}

export const addMigrateCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('migrate')
    .description('apply or print the migrations of the ledger')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--data-dir <dir>', 'data directory of the embedded engine', DATA_DIRECTORY)
    .option('--cluster <name>', 'replicated form on this cluster')
    .option('--dry-run', 'print the statements, apply nothing', false)
    .addHelpText('after', '\nExample:\n  outlay migrate --dry-run --cluster main > schema.sql')
    .action(async (options: MigrateOptions) => {
      const target: SchemaTarget = {
        database: options.database,
        ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
      }
      if (options.dryRun) {
        for (const { template } of [...readMigrations(), ...readViews()]) {
          context.stdout.write(`${renderSql(template, target).trim()};\n\n`)
        }
        exit(EXIT.done)
        return
      }
      const client = await connectOrExplain(await migratorSettings(context, 'default', options.dataDir))
      try {
        const { applied } = await migrate(client, target)
        context.stdout.write(applied.length === 0 ? 'The schema is current.\n' : `Applied: ${applied.join(', ')}\n`)
        exit(EXIT.done)
      } finally {
        await client.close()
      }
    })
}
