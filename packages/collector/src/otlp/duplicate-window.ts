/**
 * Requests that were sent again: same authority, same stripped body, same number of spans, within 15 minutes. A durable
 * copy is answered as the first one was, without a second append; a copy whose first one is being committed waits for it.
 * Rebuilt from the log at start, bounded in time and entries.
 */
import { type Clock, limits, NANOS_PER_MS } from '@outlay/core'
import type { AppendOutcome, Wal } from '#src/wal/index.ts'

export interface BodyIdentity {
  readonly authority: string
  readonly bodyHash: Buffer
  readonly spanCount: number
}

export interface WindowOutcome {
  readonly outcome: AppendOutcome
  readonly duplicate: boolean
}

interface Entry {
  readonly key: string
  readonly atMs: number
  /** The first append, or undefined once it is durable. */
  pending: Promise<AppendOutcome> | undefined
  lsn: bigint
}

export interface DuplicateWindowSettings {
  readonly clock: Clock
  readonly windowMs?: number
  readonly entriesMax?: number
}

/** The hash has a fixed length, so the parts cannot run into each other. */
const keyOf = ({ authority, bodyHash, spanCount }: BodyIdentity): string =>
  `${bodyHash.toString('latin1', 0, 16)}${spanCount}:${authority}`

export class DuplicateWindow {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #entriesMax: number
  readonly #entries = new Map<string, Entry>()
  /**
   * Those that are durable, oldest first, from `#first` on. The map itself is no queue: a walk over it passes everything
   * that was deleted from its beginning. An entry stays here when a newer one takes its key.
   */
  #order: Entry[] = []
  #first = 0

  constructor(settings: DuplicateWindowSettings) {
    this.#clock = settings.clock
    this.#windowMs = settings.windowMs ?? limits.duplicateBodyWindowMs
    this.#entriesMax = settings.entriesMax ?? limits.duplicateBodyWindowEntriesMax
  }

  get size(): number {
    return this.#entries.size
  }

  /** Learns what the log holds from the last minutes. */
  async rebuild(wal: Wal): Promise<void> {
    const since = Math.max(0, Math.floor(this.#clock.now() - this.#windowMs))
    const from = {
      receivedUnixNano: BigInt(since) * NANOS_PER_MS,
      // What lies before them would be forgotten again.
      lsn: wal.durableLsn - BigInt(this.#entriesMax) + 1n,
    }
    await wal.scanHeaders(from, (header) => {
      const { authority } = header.meta
      const key = keyOf({ authority, bodyHash: header.bodyHash, spanCount: header.spanCount })
      const atMs = Number(header.receivedUnixNano / NANOS_PER_MS)
      this.#remember({ key, atMs, pending: undefined, lsn: header.lsn })
    })
  }

  /** Appends unless a durable copy is known or on its way. */
  async appendOnce(identity: BodyIdentity, append: () => Promise<AppendOutcome>): Promise<WindowOutcome> {
    const key = keyOf(identity)
    const known = this.#entries.get(key)
    if (known !== undefined && known.atMs + this.#windowMs >= this.#clock.now()) {
      const outcome: AppendOutcome = known.pending ? await known.pending : { status: 'durable', lsn: known.lsn }
      return { outcome, duplicate: outcome.status === 'durable' }
    }
    const pending = append()
    const entry: Entry = { key, atMs: this.#clock.now(), pending, lsn: 0n }
    this.#entries.set(key, entry)
    const outcome = await pending
    entry.pending = undefined
    if (outcome.status === 'durable') {
      entry.lsn = outcome.lsn
      this.#remember(entry)
    } else if (this.#entries.get(key) === entry) {
      this.#entries.delete(key)
    }
    return { outcome, duplicate: false }
  }

  /** It is durable; those whose time is over go, and the oldest where there are too many. */
  #remember(entry: Entry): void {
    this.#entries.set(entry.key, entry)
    this.#order.push(entry)
    const oldest = this.#clock.now() - this.#windowMs
    for (let first = this.#order[this.#first]; first !== undefined; first = this.#order[this.#first]) {
      if (this.#entries.get(first.key) === first) {
        if (first.atMs >= oldest && this.#entries.size <= this.#entriesMax) break
        this.#entries.delete(first.key)
      }
      this.#first += 1
    }
    if (this.#first > this.#order.length / 2) {
      this.#order = this.#order.slice(this.#first)
      this.#first = 0
    }
  }
}
