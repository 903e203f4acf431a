import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { DATA_DIRECTORY } from '#src/connection.ts'
import { DEMO_DATABASE, HISTORY_DAYS } from '#src/demo/demo-names.ts'
import { parsePort, parseWhole } from '#src/parse-option.ts'
import { withConfigOptions } from '#src/up/config-options.ts'
import type { UpOptions } from '#src/up/up-options.ts'

export const addUpCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const up = program
    .command('up')
    .description('run the collector with its ledger: OTLP in, SQL out')
    .option('--data-dir <dir>', 'where the log and the embedded engine keep their files', DATA_DIRECTORY)
    .option('--demo', `also run sample agents and load sample history into the database ${DEMO_DATABASE}`, false)
    .option('--demo-days <days>', 'days of sample history', parseWhole(1, 365), HISTORY_DAYS)
    .option('--bands <file>', 'bands of the KPIs, as deploy/config/bands.yaml; they stay until another file is given')
    .option('--sql-port <port>', 'ClickHouse HTTP of the embedded engine, 0 = any', parsePort, 8123)
  withConfigOptions(up)
    .addHelpText(
      'after',
      '\nExample:\n  outlay up --demo\n  outlay up --config collector.yaml --set processors.redact.mode=known_only\n  CLICKHOUSE_URL=http://clickhouse:8123 outlay up',
    )
    .action(async (options: UpOptions) => {
      // Engine, collector and SDKs are loaded only by the command that runs them.
      const { runUp } = await import('#src/up/run-up.ts')
      await runUp(options, context)
      exit(EXIT.done)
    })
}
