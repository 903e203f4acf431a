/**
 * Whether the database still remembers the token of a unit that is in doubt. Windows are read at the start and every hour;
 * while a table has none, nothing is inserted. A unit that outlives its window, or the views that it met when it was first
 * sent, may only be sent after a look at the table.
 */
import { setTimeout as delay } from 'node:timers/promises'
import {
  type ClickHouseClient,
  countOtherWriters,
  type DeduplicationWindow,
  readViewFeeds,
  requireDeduplicationWindows,
  UNIT_TABLES,
  type ViewFeeds,
} from '@outlay/clickhouse'
import { limits, OutlayError } from '@outlay/core'

interface DeduplicationWatchSettings {
  readonly client: ClickHouseClient
  readonly database: string
  readonly walId: string
  readonly signal: AbortSignal
  /** A table has no window. */
  readonly onHeld: (error: OutlayError) => void
  readonly onReleased: () => void
  /** The windows were never read, and cannot be just now; told once per wait. */
  readonly onUnreachable: (error: unknown) => void
}

const MILLISECONDS_PER_SECOND = 1_000
/** What one writer sends into one table, at most (collector §6). */
const INSERTS_PER_SECOND_MAX = 2

export class DeduplicationWatch {
  readonly #settings: DeduplicationWatchSettings
  #windows: ReadonlyMap<string, DeduplicationWindow> = new Map()
  #feeds: ReadonlyMap<string, ViewFeeds> = new Map()
  #otherWriters = 0
  #readAt = Number.NEGATIVE_INFINITY

  constructor(settings: DeduplicationWatchSettings) {
    this.#settings = settings
  }

  /**
   * Resolves when every table has a window, as far as is known. A database that cannot be asked holds nothing up that was
   * certain before; the insert will find out.
   */
  async ensure(): Promise<void> {
    const { signal, onHeld, onReleased, onUnreachable } = this.#settings
    let isHeld = false
    let isAway = false
    while (performance.now() - this.#readAt >= limits.deduplicationCheckMs) {
      signal.throwIfAborted()
      try {
        await this.#read()
      } catch (error) {
        if (error instanceof OutlayError) {
          if (!isHeld) onHeld(error)
          isHeld = true
        } else if (this.#windows.size > 0) {
          return
        } else {
          if (!isAway) onUnreachable(error)
          isAway = true
        }
        await delay(limits.insertRetryInitialMs, undefined, { signal })
      }
    }
    if (isHeld) onReleased()
  }

  /**
   * How much of a window has passed since a unit was sealed: 1 = its token may be forgotten. Other writers are taken to
   * insert as often as they may.
   */
  usedShare(table: string, inDoubtMs: number): number {
    const window = this.#windows.get(table)
    if (window === undefined) return 0
    const seconds = inDoubtMs / MILLISECONDS_PER_SECOND
    const inserts = seconds * INSERTS_PER_SECOND_MAX * this.#otherWriters
    return Math.max(inserts / window.inserts, window.seconds === 0 ? 0 : seconds / window.seconds)
  }

  /** The views on a table as they were last read: never later than whatever is sent now. */
  feedsOf(table: string): ViewFeeds | undefined {
    return this.#feeds.get(table)
  }

  /** The views on a table as they are now. */
  async readFeeds(table: string): Promise<ViewFeeds> {
    await this.#readFeeds()
    return this.#feeds.get(table) ?? []
  }

  async #readFeeds(): Promise<void> {
    const { client, database } = this.#settings
    this.#feeds = await readViewFeeds(client, { database, tables: UNIT_TABLES })
  }

  async #read(): Promise<void> {
    const { client, database, walId } = this.#settings
    await this.#readFeeds()
    this.#windows = await requireDeduplicationWindows(client, database)
    this.#otherWriters = await countOtherWriters(client, database, walId)
    this.#readAt = performance.now()
  }
}
