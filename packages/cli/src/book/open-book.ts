/** The price book of a ledger, as commands that read or change it open it. */
import { type ClickHouseClient, createWindowLoader, type WindowLoad } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { type BookTables, loadPackagedBook, tablesOf } from '@outlay/pricing'
import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { assertPrepared, connectOrExplain, DATA_DIRECTORY, migratorSettings, readerSettings } from '#src/connection.ts'

export interface DatabaseOptions {
  readonly database: string
}

export interface WriterOptions extends DatabaseOptions {
  readonly dataDir: string
  readonly author: string
}

/** The tables that ship with the package; a database has edges and splits of its own. */
export const bookTables = (): BookTables => tablesOf(loadPackagedBook())

/** Options of a command that writes. */
export const withWriterOptions = (command: Command): Command =>
  command
    .option('--author <name>', 'who does it', 'outlay')
    .option('--database <name>', 'database of the ledger', 'outlay')
    .option('--data-dir <dir>', 'data directory of the embedded engine', DATA_DIRECTORY)

/** Runs with a client that may write, on a prepared database, and closes it. */
export const withWriter = async <Result>(
  context: CommandContext,
  { database, dataDir }: Pick<WriterOptions, 'database' | 'dataDir'>,
  run: (client: ClickHouseClient) => Promise<Result>,
): Promise<Result> => {
  const client = await connectOrExplain(await migratorSettings(context, database, dataDir))
  try {
    await assertPrepared(client, database)
    return await run(client)
  } finally {
    await client.close()
  }
}

/** Runs with a client that may only read, on a prepared database, and closes it. */
export const withReader = async <Result>(
  context: CommandContext,
  database: string,
  run: (client: ClickHouseClient) => Promise<Result>,
): Promise<Result> => {
  const client = await connectOrExplain(readerSettings(context, database))
  try {
    await assertPrepared(client, database)
    return await run(client)
  } finally {
    await client.close()
  }
}

/** Compiles what changed at once: the command answers when readers see it, whether a collector runs or not. */
export const compileNow = (client: ClickHouseClient, database: string): Promise<WindowLoad | undefined> =>
  createWindowLoader({ client, database, clock: systemClock, ...bookTables() }).refresh()
