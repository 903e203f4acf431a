import { readPublishedEngine } from '@outlay/embedded-clickhouse'
import type { CommandContext } from '#src/command-context.ts'

/** URL of the embedded engine of a data directory; undefined where a server is named, or no engine is published there. */
export const findEngine = async (
  { environment }: CommandContext,
  dataDirectory: string,
): Promise<string | undefined> =>
  environment['CLICKHOUSE_URL'] === undefined ? (await readPublishedEngine(`${dataDirectory}/engine`))?.url : undefined
