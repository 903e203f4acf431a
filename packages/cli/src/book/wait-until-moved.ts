/** Appends a cut of calls, then waits until their collectors have moved every call behind it. */
import { setTimeout as delay } from 'node:timers/promises'
import { type ClickHouseClient, readLedgerTables, readWaitingLogs, type WaitingLog } from '@outlay/clickhouse'
import { SingleBar } from 'cli-progress'
import type { CommandContext } from '#src/command-context.ts'
import { compileNow, bookTables } from './open-book.ts'

const POLL_MS = 250
const MS_PER_SECOND = 1_000

export interface CutResult {
  readonly outcome: 'added' | 'unchanged'
  /** Calls that their collectors reversed and charged anew behind the cut, while this command waited. */
  readonly moved: number
  /** Calls that nobody has moved yet; empty unless the time ran out. */
  readonly waiting: readonly WaitingLog[]
}

interface Waiting {
  readonly database: string
  readonly timeoutSeconds: number
  readonly append: () => Promise<'added' | 'unchanged'>
}

const countMoved = async (client: ClickHouseClient, database: string): Promise<number> => {
  const result = await client.query({
    query: `SELECT count() AS moved FROM ${database}.calls WHERE reason = 'refold' AND sign > 0`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ moved: string }>()
  return Number(row?.moved ?? 0)
}

const readWaiting = async (client: ClickHouseClient, database: string): Promise<readonly WaitingLog[]> =>
  readWaitingLogs({ client, database }, await readLedgerTables(client, database, bookTables()))

const callsOf = (logs: readonly WaitingLog[]): number => logs.reduce((sum, { calls }) => sum + calls, 0)

/** A signal ends the waiting as the time does: what was appended stays, and collectors go on. */
export const waitUntilMoved = async (
  { stderr, stop }: CommandContext,
  client: ClickHouseClient,
  { database, timeoutSeconds, append }: Waiting,
): Promise<CutResult> => {
  const before = await countMoved(client, database)
  const outcome = await append()
  const deadline = performance.now() + timeoutSeconds * MS_PER_SECOND
  let waiting = await readWaiting(client, database)
  const total = callsOf(waiting)
  const format = 'Moving calls  [{bar}] {percentage}%  {value} of {total}'
  const bar = new SingleBar({ format, stream: stderr, noTTYOutput: false, hideCursor: true, clearOnComplete: true })
  if (total > 0) bar.start(total, 0)
  try {
    while (waiting.length > 0 && performance.now() < deadline && !stop.aborted) {
      await delay(POLL_MS, undefined, { signal: stop }).catch(() => undefined)
      waiting = await readWaiting(client, database)
      bar.update(Math.max(0, total - callsOf(waiting)))
    }
  } finally {
    bar.stop()
  }
  await compileNow(client, database)
  return { outcome, moved: (await countMoved(client, database)) - before, waiting }
}
