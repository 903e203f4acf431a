/** What a look at some stored traces tells about the ledger, beside what is to be posted: alarms and late spans. */
import type { OpenLedger } from './plan-entries.ts'
import { type StoredTrace, isUnsettled, type Unsettled } from './trace-record.ts'

interface Entry {
  readonly entry_id: string
  readonly span_id: string
  readonly part: string
  readonly sign: number
}

/** Entries that stand twice, and calls whose signs add up to something else than 0 or 1: neither must ever happen. */
export const integrityErrorsOf = ({ calls, quarantine }: OpenLedger): number =>
  integrityErrorsIn(calls) + integrityErrorsIn(quarantine)

const integrityErrorsIn = (rows: readonly Entry[]): number => {
  const ids = new Set<string>()
  const signs = new Map<string, number>()
  for (const { entry_id, span_id, part, sign } of rows) {
    ids.add(entry_id)
    const key = `${span_id}\u0000${part}`
    signs.set(key, (signs.get(key) ?? 0) + sign)
  }
  const impossible = [...signs.values()].filter((net) => net !== 0 && net !== 1).length
  return rows.length - ids.size + impossible
}

/** Spans that came when their trace had been settled already. */
export const lateSpansOf = ({ spans, ledger }: StoredTrace, unsettled: Unsettled): number =>
  ledger.calls.length + ledger.quarantine.length === 0 ? 0 : spans.filter((span) => isUnsettled(span, unsettled)).length
