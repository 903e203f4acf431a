import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { DATA_DIRECTORY } from '#src/connection.ts'
import { DEMO_DATABASE, HISTORY_DAYS } from '#src/demo/demo-names.ts'
import { parsePort, parseWhole } from '#src/parse-option.ts'
import type { UpOptions } from '#src/up/up-options.ts'

const collect = (text: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), text]

export const addUpCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('up')
    .description('run the collector with its ledger: OTLP in, SQL out')
    .option('--data-dir <dir>', 'where the log and the embedded engine keep their files', DATA_DIRECTORY)
    .option('--config <file>', 'a collector.yaml; repeatable, later files go before earlier ones', collect)
    .option('--set <key=value>', 'one setting, such as processors.redact.mode=known_only; repeatable', collect)
    .option('--database <name>', 'database of the ledger (default: "outlay")')
    .option('--demo', `also run sample agents and load sample history into the database ${DEMO_DATABASE}`, false)
    .option('--demo-days <days>', 'days of sample history', parseWhole(1, 365), HISTORY_DAYS)
    .option('--bands <file>', 'bands of the KPIs, as deploy/config/bands.yaml; they stay until another file is given')
    .option('--host <address>', 'address that OTLP, panel and metrics listen on (default: "127.0.0.1")')
    .option('--admin-host <address>', 'address that panel and metrics listen on, if not that of --host')
    .option('--tokens <file>', 'take spans only with a token of this file; see `outlay tokens create`')
    .option('--insecure-allow-unauthenticated', 'accept spans from other hosts without a token', false)
    .option('--otlp-port <port>', 'OTLP/HTTP, 0 = any (default: 4318)', parsePort)
    .option('--otlp-grpc-port <port>', 'OTLP/gRPC, 0 = any (default: 4317)', parsePort)
    .option('--sql-port <port>', 'ClickHouse HTTP of the embedded engine, 0 = any', parsePort, 8123)
    .option('--admin-port <port>', 'web panel, metrics and health, 0 = any (default: 4319)', parsePort)
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
