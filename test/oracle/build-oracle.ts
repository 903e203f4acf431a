/** Raw entries and facts → what the oracle answers from: reversals are taken away first, prices come last. */
import type { CallRow } from '@outlay/clickhouse'
import { type Entries, refusalKey } from './generate/entries.ts'
import type { Facts, OracleLedger, PricedCall, PricedRefusal } from './model/oracle-ledger.ts'
import type { PriceBooks } from './model/price-books.ts'
import { priceCall, priceRefusal } from './model/price-calls.ts'

const INVALID_USAGE_BIT = 2 ** 30

interface Signed {
  readonly trace_id: string
  readonly span_id: string
  readonly part: string
  readonly seq: number
  readonly sign: number
}

/** Entries that no other entry takes back. */
const standing = <Row extends Signed>(rows: readonly Row[]): readonly Row[] => {
  const idOf = ({ trace_id, span_id, part, seq }: Row): string => `${trace_id} ${span_id} ${part} ${seq}`
  const taken = new Set(rows.filter(({ sign }) => sign < 0).map(idOf))
  return rows.filter((row) => row.sign > 0 && !taken.has(idOf(row)))
}

const remembering = <Value>(make: (key: string) => Value): ((key: string) => Value) => {
  const known = new Map<string, Value>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

export const buildOracle = (
  { calls, quarantine, refusedParts }: Entries,
  facts: Facts,
  books: PriceBooks,
): OracleLedger => {
  const standingCalls: readonly CallRow[] = standing(calls)
  const standingRefusals = standing(quarantine)
  const charges = calls.filter(({ sign }) => sign > 0)
  return {
    facts,
    charges,
    everCharged: remembering((book): readonly PricedCall[] => charges.map((row) => priceCall(row, books(book)))),
    calls: remembering((book): readonly PricedCall[] => standingCalls.map((row) => priceCall(row, books(book)))),
    refusals: remembering((book): readonly PricedRefusal[] =>
      standingRefusals.flatMap((row) => {
        const parts = refusedParts.get(refusalKey(row))
        const isUnusable = row.usage_bits >= INVALID_USAGE_BIT
        return parts === undefined ? [] : [priceRefusal(row, parts, { lookup: books(book), isUnusable })]
      }),
    ),
  }
}
