/** Entries of one unit of the ledger, made into bytes as they are planned: thousands of them need not be held as rows. */
import { type CallRow, callsTable, type QuarantineRow, quarantineTable, UnitEncoder } from '@outlay/clickhouse'
import type { Steps } from '@outlay/core'
import type { CountedBlock } from '#src/pipeline/sealed-manifest.ts'
import type { PlannedEntries, Posting } from './plan-entries.ts'
import { traceKeyOf } from './trace-queue.ts'

/** Entries that say the same of how they came about. */
export interface EntryCount {
  readonly table: 'calls' | 'quarantine'
  readonly sign: number
  readonly reason: string
  readonly entries: number
}

/** Entries that are made into bytes together: a trace alone has few, and each column has a cost of its own. */
const ROWS_AT_ONCE = 256

/** Rows of one table: the last of them wait for others. */
class Entries<Row> {
  readonly #encoder: UnitEncoder<Row>
  #waiting: Row[] = []

  constructor(encoder: UnitEncoder<Row>) {
    this.#encoder = encoder
  }

  get rows(): number {
    return this.#encoder.rows + this.#waiting.length
  }

  *adding(rows: readonly Row[]): Steps<void> {
    for (const row of rows) this.#waiting.push(row)
    if (this.#waiting.length >= ROWS_AT_ONCE) yield* this.#encoding()
  }

  *finishing(token: string): Steps<CountedBlock> {
    yield* this.#encoding()
    const { rows } = this.#encoder
    return { ...(yield* this.#encoder.finishing(token)), rows }
  }

  *#encoding(): Steps<void> {
    const rows = this.#waiting
    this.#waiting = []
    yield* this.#encoder.appending(rows)
  }
}

export class LedgerUnit {
  readonly sequence: bigint
  readonly #posting: Posting
  readonly #calls = new Entries<CallRow>(UnitEncoder.of(callsTable))
  readonly #quarantine = new Entries<QuarantineRow>(UnitEncoder.of(quarantineTable))
  readonly #traces = new Set<string>()
  readonly #counts = new Map<string, EntryCount>()

  /** `sequence`: its number among the units of this run, from 1. */
  constructor(sequence: bigint, posting: Posting) {
    this.sequence = sequence
    this.#posting = posting
  }

  /** What the entries that are planned next say about their posting. */
  get posting(): Posting {
    return { ...this.#posting, before: { calls: this.#calls.rows, quarantine: this.#quarantine.rows } }
  }

  get calls(): number {
    return this.#calls.rows
  }

  get entries(): number {
    return this.#calls.rows + this.#quarantine.rows
  }

  /** Traces that got an entry, by `traceKeyOf`. */
  get traces(): ReadonlySet<string> {
    return this.#traces
  }

  get counts(): Iterable<EntryCount> {
    return this.#counts.values()
  }

  /** Entries that were planned with `posting`. Some of them at a step. */
  *adding({ calls, quarantine }: PlannedEntries): Steps<void> {
    for (const row of calls) this.#note('calls', row)
    for (const row of quarantine) this.#note('quarantine', row)
    yield* this.#calls.adding(calls)
    yield* this.#quarantine.adding(quarantine)
  }

  #note(table: EntryCount['table'], { authority, trace_id, sign, reason }: CallRow | QuarantineRow): void {
    this.#traces.add(traceKeyOf({ authority, traceId: trace_id }))
    const key = `${table} ${sign} ${reason}`
    const entries = (this.#counts.get(key)?.entries ?? 0) + 1
    this.#counts.set(key, { table, sign, reason, entries })
  }

  /** The blocks of the unit, a column at a step. Nothing can be added afterwards. */
  *finishing(name: string): Steps<readonly CountedBlock[]> {
    return [
      ...(this.#calls.rows > 0 ? [yield* this.#calls.finishing(`${name}:calls`)] : []),
      ...(this.#quarantine.rows > 0 ? [yield* this.#quarantine.finishing(`${name}:quarantine`)] : []),
    ]
  }
}
