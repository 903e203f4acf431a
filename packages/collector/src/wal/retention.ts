/**
 * Which segments may go: all registered consumers are durably past them, `retainAfterAckMs` has elapsed since that was
 * first seen, and they are not the newest (whose name keeps the lsn from starting over).
 */
import type { Clock } from '@outlay/core'
import type { WalFileSystem } from './file-system.ts'
import type { Segment, SegmentList } from './segments.ts'

export interface RetentionSettings {
  readonly fileSystem: WalFileSystem
  readonly directory: string
  readonly clock: Clock
  readonly segments: SegmentList
  readonly retainAfterAckMs: number
  readonly cursorOf: (consumer: string) => bigint
}

export class Retention {
  readonly #settings: RetentionSettings
  readonly #consumers = new Set<string>()
  #running: Promise<void> = Promise.resolve()

  constructor(settings: RetentionSettings) {
    this.#settings = settings
  }

  get consumers(): ReadonlySet<string> {
    return this.#consumers
  }

  register(names: readonly string[]): void {
    for (const name of names) this.#consumers.add(name)
  }

  /** Deletes what may go. One run at a time: commits and cursors both ask. */
  reclaim(): Promise<void> {
    const run = this.#running.then(() => this.#reclaimNow())
    this.#running = run.catch(() => undefined)
    return run
  }

  async #reclaimNow(): Promise<void> {
    const { fileSystem, directory, segments } = this.#settings
    const deletable = this.#deletable()
    for (const segment of deletable) {
      await fileSystem.remove(`${directory}/${segment.name}`)
      segments.remove(segment)
    }
    if (deletable.length > 0) await fileSystem.syncDirectory(directory)
  }

  #deletable(): Segment[] {
    if (this.#consumers.size === 0) return []
    const { clock, segments, retainAfterAckMs, cursorOf } = this.#settings
    const cursors = [...this.#consumers].map((name) => cursorOf(name))
    const slowest = cursors.reduce((least, lsn) => (lsn < least ? lsn : least))
    const now = clock.now()
    const deletable: Segment[] = []
    let inOrder = true
    for (const segment of segments.all) {
      if (segment === segments.last || segment.lastLsn > slowest) break
      segment.passedAtMs ??= now
      // In order, so that the retained log never has a hole of our own making.
      inOrder &&= now - segment.passedAtMs >= retainAfterAckMs
      if (inOrder) deletable.push(segment)
    }
    return deletable
  }
}
