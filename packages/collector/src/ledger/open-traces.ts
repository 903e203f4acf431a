/**
 * Shows what open traces would cost if they were settled as they stand (spec: counters §11, "provisional"). Never part of
 * the ledger, and never in its way: what cannot be written now is shown at the next turn, and expires if nobody writes.
 */
import {
  columnNames,
  insertUnit,
  encodeUnit,
  type OpenEntryRow,
  openEntriesTable,
  type OpenTraceRow,
  openTracesTable,
} from '@outlay/clickhouse'
import type { DeliverySettings } from '#src/pipeline/deliver-unit.ts'
import type { PlannedEntries } from './plan-entries.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'

export interface OpenTrace extends TraceId {
  readonly openedAtMs: number
}

const ENTRY_COLUMNS = columnNames(openEntriesTable).filter((column) => column !== 'evaluated_at')

export class OpenTraces {
  readonly #delivery: DeliverySettings
  readonly #tokenPrefix: string
  #writes = 0

  constructor(delivery: DeliverySettings, tokenPrefix: string) {
    this.#delivery = delivery
    this.#tokenPrefix = tokenPrefix
  }

  /** What the ledger would gain and lose by these traces now. False where the database did not take it. */
  async show(traces: readonly OpenTrace[], { calls }: PlannedEntries, nowMs: number): Promise<boolean> {
    const evaluated_at = BigInt(nowMs)
    const rows = calls.map((call): OpenEntryRow => {
      const columns = ENTRY_COLUMNS.map((column) => [column, Reflect.get(call, column) as unknown])
      return { ...Object.fromEntries(columns), evaluated_at } as OpenEntryRow
    })
    // Entries first: an evaluation counts as soon as its trace says so.
    if (rows.length > 0 && !(await this.#insert(encodeUnit(openEntriesTable, rows, this.#token())))) return false
    const counts = new Map<string, number>()
    for (const { authority, trace_id } of calls) {
      const key = traceKeyOf({ authority, traceId: trace_id })
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return this.#say(traces.map((trace) => this.#rowOf(trace, evaluated_at, counts.get(traceKeyOf(trace)) ?? 0)))
  }

  /** They are settled: the ledger speaks for them from now on. Fails where the database did not take it. */
  async hide(traces: readonly OpenTrace[], nowMs: number): Promise<void> {
    const said = await this.#say(traces.map((trace) => this.#rowOf(trace, BigInt(nowMs), 0)))
    if (!said) throw new Error('settled traces could not be taken out of the open ones')
  }

  #rowOf({ authority, traceId, openedAtMs }: OpenTrace, evaluated_at: bigint, entries: number): OpenTraceRow {
    return { authority, trace_id: traceId, evaluated_at, entries, opened_at: BigInt(openedAtMs) }
  }

  async #say(rows: readonly OpenTraceRow[]): Promise<boolean> {
    return rows.length === 0 || this.#insert(encodeUnit(openTracesTable, rows, this.#token()))
  }

  async #insert(unit: ReturnType<typeof encodeUnit>): Promise<boolean> {
    const { client, database, metrics } = this.#delivery
    const outcome = await insertUnit(client, database, unit)
    metrics.inserts.inc({ table: unit.table, result: outcome.status })
    if (outcome.status === 'accepted') return true
    metrics.insertRetries.inc({ class: outcome.status, code: outcome.code })
    return false
  }

  #token(): string {
    this.#writes += 1
    return `${this.#tokenPrefix}:O${this.#writes}`
  }
}
