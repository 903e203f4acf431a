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
  /** In the order of their time, oldest first. */
  readonly #entries = new Map<string, Entry>()

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
    const since = this.#clock.now() - this.#windowMs
    await wal.scanHeaders(BigInt(Math.max(0, Math.floor(since))) * NANOS_PER_MS, (header) => {
      const { authority } = header.meta
      const key = keyOf({ authority, bodyHash: header.bodyHash, spanCount: header.spanCount })
      const atMs = Number(header.receivedUnixNano / NANOS_PER_MS)
      this.#remember(key, { atMs, pending: undefined, lsn: header.lsn })
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
    const entry: Entry = { atMs: this.#clock.now(), pending: append(), lsn: 0n }
    this.#remember(key, entry)
    const outcome = await (entry.pending as Promise<AppendOutcome>)
    entry.pending = undefined
    if (outcome.status === 'durable') entry.lsn = outcome.lsn
    else if (this.#entries.get(key) === entry) this.#entries.delete(key)
    return { outcome, duplicate: false }
  }

  #remember(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    const oldest = this.#clock.now() - this.#windowMs
    for (const [known, { atMs, pending }] of this.#entries) {
      const overdue = atMs < oldest || this.#entries.size > this.#entriesMax
      if (!overdue || pending !== undefined) break
      this.#entries.delete(known)
    }
  }
}
