/** What a look at some stored traces tells about the ledger, beside what is to be posted: alarms and late spans. */
import type { OpenLedger } from './plan-entries.ts'
import { type StoredTrace, isUnsettled, type Unsettled } from './trace-record.ts'

interface Entry {
  readonly span_id: string
  readonly part: string
  readonly seq: number
  readonly sign: number
  readonly content_hash: string
}

/**
 * Charges and calls whose signs add up to something else than 0 or 1: neither must ever happen, and each is taken back by
 * what is posted next. An entry that stands twice is no error any more where its copy was taken back.
 */
export const integrityErrorsOf = ({ calls, quarantine }: OpenLedger): number =>
  integrityErrorsIn(calls) + integrityErrorsIn(quarantine)

const integrityErrorsIn = (rows: readonly Entry[]): number =>
  impossibleIn(rows, ({ span_id, part }) => `${span_id}\u0000${part}`) +
  impossibleIn(
    rows,
    ({ span_id, part, seq, content_hash }) => `${span_id}\u0000${part}\u0000${seq}\u0000${content_hash}`,
  )

const impossibleIn = (rows: readonly Entry[], keyOf: (row: Entry) => string): number => {
  const signs = new Map<string, number>()
  for (const row of rows) {
    const key = keyOf(row)
    signs.set(key, (signs.get(key) ?? 0) + row.sign)
  }
  return [...signs.values()].filter((net) => net !== 0 && net !== 1).length
}

/** Spans that came when their trace had been settled already. */
export const lateSpansOf = ({ places, ledger }: StoredTrace, unsettled: Unsettled): number =>
  ledger.calls.length + ledger.quarantine.length === 0
    ? 0
    : places.filter((place) => isUnsettled(place, unsettled)).length
