/** Options of commands that repair a ledger through the log of its collector. */
import { resolve } from 'node:path'
import { ALL_TIME, type TimeRange } from '@outlay/clickhouse'
import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { DATA_DIRECTORY } from '#src/connection.ts'
import { parseInstant } from '#src/parse-option.ts'

export interface LogOptions {
  readonly dataDir: string
  readonly log?: string
  readonly database: string
}

export const withLogOptions = (command: Command): Command =>
  command
    .option('--data-dir <dir>', 'data directory of the collector', DATA_DIRECTORY)
    .option('--log <dir>', 'directory of its log (default: wal in the data directory)')
    .option('--database <name>', 'database of the ledger', 'outlay')

export const logDirectoryOf = (
  { cwd }: CommandContext,
  { dataDir, log }: { readonly dataDir: string; readonly log?: string | undefined },
): string => resolve(cwd, log ?? `${dataDir}/wal`)

/** Unix seconds; without a bound as far as time goes. */
export const rangeOf = ({ from, to }: { readonly from?: string; readonly to?: string }): TimeRange => ({
  from: from === undefined ? ALL_TIME.from : Math.floor(parseInstant(from, '--from')),
  to: to === undefined ? ALL_TIME.to : Math.ceil(parseInstant(to, '--to')),
})
