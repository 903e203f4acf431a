/** One way for every change of the price book: compute the next book, hold it against the guards, then stage or apply it. */
import {
  type BookHistory,
  changePriceBook,
  type ClickHouseClient,
  readBookHistory,
  type RevisionNote,
  stagePriceBook,
} from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import {
  describeBookDiff,
  type NextBook,
  type PriceBookProblem,
  type ProblemCode,
  stageImport,
  visibleAt,
} from '@outlay/pricing'
import { bookTables, compileNow } from './open-book.ts'

export interface BookChange {
  readonly database: string
  readonly kind: RevisionNote['kind']
  readonly author: string
  /** Empty where nothing shall be applied. */
  readonly reason: string
  readonly change: (history: BookHistory) => NextBook
  readonly apply: boolean
  /** Lets prices change that calls were billed by. */
  readonly allowPast: boolean
  /** Guards that do not hold for this change: a person says each of its figures. */
  readonly waive?: readonly ProblemCode[]
}

export interface BookChangeResult {
  readonly outcome: 'applied' | 'staged' | 'refused' | 'unchanged'
  /** The revision that was applied; null where none was. */
  readonly revision: number | null
  readonly problems: readonly PriceBookProblem[]
  /** What changes before now, in words. */
  readonly past: readonly string[]
  /** One line per difference. */
  readonly changes: readonly string[]
}

const MS_PER_SECOND = 1_000

const inspect = (history: BookHistory, next: NextBook, change: BookChange, nowMs: number) => {
  const current = visibleAt(history.recorded, history.latest)
  const allowed = change.allowPast ? { allowPast: { reason: change.reason || 'looked at, not applied' } } : {}
  const staged = stageImport(current, next.book, { now: Math.floor(nowMs / MS_PER_SECOND), ...allowed })
  const waived = new Set<string>(change.waive ?? [])
  return { ...staged, problems: staged.problems.filter(({ code }) => !waived.has(code)) }
}

/**
 * Stages or applies one change. What a guard refuses is answered and not written; nothing is half-applied. Fails with
 * `E_REASON` where a change shall be applied without a reason.
 */
export const changeBook = async (client: ClickHouseClient, change: BookChange): Promise<BookChangeResult> => {
  if (change.apply && change.reason.trim() === '') {
    throw new OutlayError('E_REASON', 'a change of prices needs a reason', { fix: 'add --reason "announced cut"' })
  }
  const tables = bookTables()
  const history = await readBookHistory(client, change.database, tables)
  const next = change.change(history)
  const atMs = systemClock.now()
  const { problems, past, diff } = inspect(history, next, change, atMs)
  const changes = describeBookDiff(diff)
  const contractsMoved =
    JSON.stringify(next.book.contracts) !== JSON.stringify(visibleAt(history.recorded, history.latest).contracts)
  const answer = { revision: null, problems, past, changes }
  if (problems.length > 0) return { ...answer, outcome: 'refused' }
  if (changes.length === 0 && !contractsMoved) return { ...answer, outcome: 'unchanged' }
  const { author, reason, kind, database } = change
  if (!change.apply) {
    await stagePriceBook(client, database, { history, next, note: { author, reason, atMs } })
    await compileNow(client, database)
    return { ...answer, outcome: 'staged' }
  }
  const { revision } = await changePriceBook(client, database, {
    tables,
    // The book may have moved since it was looked at: what was shown is what is applied, or nothing is.
    change: (latest) => {
      if (latest.latest === history.latest) return next
      throw new OutlayError('E_PRICE_BOOK_BUSY', 'the price book changed while this change was looked at', {
        got: `revision ${latest.latest}`,
        want: `revision ${history.latest}`,
        fix: 'run the command again',
      })
    },
    note: { author, reason, kind, atMs },
  })
  await compileNow(client, database)
  return { ...answer, outcome: 'applied', revision }
}
