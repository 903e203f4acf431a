/**
 * One stored trace held against its evidence: derived again, it gives the net ledger that it has. What settlement has not
 * come to yet, and what was closed under other rules than those of today, is told apart and is no finding. A pure function.
 */
import { isDeepStrictEqual } from 'node:util'
import { type CallRow, type Finding, keyed, type Look } from '@outlay/clickhouse'
import { limits, NANOS_PER_MS } from '@outlay/core'
import { RULES_VERSION } from '@outlay/semconv'
import { chargeHashOf, type PostingPolicy, SAID_COLUMNS } from '#src/ledger/settled-row.ts'
import { openRows } from '#src/ledger/plan-entries.ts'
import type { StoredTrace } from '#src/ledger/trace-record.ts'
import { type RederivedTrace, rederiveTrace } from '#src/normalize/rederive-trace.ts'

type Listed = Look['listed'][number]

/** Why a difference is none: it is on its way, or it stays as the rules of its time made it. */
type Excuse = 'traces waiting for settlement' | 'traces under other rules'

export interface TraceState {
  readonly excuse: Excuse | undefined
  readonly listed: readonly Listed[]
}

export interface TraceQuestion {
  readonly policy: Omit<PostingPolicy, 'require'> & Partial<PostingPolicy>
  readonly nowMs: number
  /** How long evidence may wait for settlement, in milliseconds. */
  readonly waitMsMax: number
  /** What was settled under other rules than those of today is a difference, too. */
  readonly followRules?: boolean
}

const FIX_DERIVED = 'look at it with `outlay explain call`; `outlay rebuild` posts the difference'
const FIX_ALTERED =
  'the row was changed after it was posted: `outlay rebuild` reverses it and charges what its evidence says'

export const traceStateOf = (
  trace: StoredTrace,
  { policy, nowMs, waitMsMax, followRules = false }: TraceQuestion,
): TraceState => {
  const altered = alteredRows(trace)
  const derived = rederiveTrace(trace, policy)
  const corrections = correctionsOf(trace, derived)
  if (corrections.length === 0) return { excuse: undefined, listed: altered }
  if (isWaiting(trace, nowMs, waitMsMax)) return { excuse: 'traces waiting for settlement', listed: altered }
  if (!followRules && isOfOtherRules(derived)) return { excuse: 'traces under other rules', listed: altered }
  return { excuse: undefined, listed: [...altered, ...corrections] }
}

const placeOf = (
  { authority, traceId }: Pick<StoredTrace, 'authority' | 'traceId'>,
  { span_id, part }: { readonly span_id: string; readonly part: string },
): Finding['where'] => ({ authority, trace_id: traceId, span_id, part })

/** Open charges that no longer say what their digest was made of. */
const alteredRows = (trace: StoredTrace): readonly Listed[] =>
  openRows(trace.ledger.calls)
    .filter((row) => chargeHashOf(row) !== row.content_hash)
    .map((row) =>
      keyed({
        check: 'settlement',
        what: 'an entry does not say what it said when it was posted',
        where: { table: 'calls', entry_id: row.entry_id, ...placeOf(trace, row) },
        got: `digest ${chargeHashOf(row)}`,
        want: row.content_hash,
        fix: FIX_ALTERED,
      }),
    )

const received = (trace: StoredTrace): bigint =>
  trace.places.reduce((last, place) => (place.receivedUnixNano > last ? place.receivedUnixNano : last), 0n)

/** Evidence came after the last posting, not long ago. */
const isWaiting = (trace: StoredTrace, nowMs: number, waitMsMax: number): boolean => {
  const { calls, quarantine } = trace.ledger
  const posted = [...calls, ...quarantine].reduce((last, { posted_at }) => (posted_at > last ? posted_at : last), 0n)
  const lastReceived = received(trace)
  const waitsSince = Number(lastReceived / NANOS_PER_MS)
  return lastReceived > posted * NANOS_PER_MS && nowMs - waitsSince < waitMsMax
}

const isOfOtherRules = ({ corrections }: RederivedTrace): boolean =>
  corrections.calls.some(({ sign, rules_version }) => sign < 0 && rules_version !== RULES_VERSION)

const textOf = (value: CallRow[keyof CallRow]): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

const changedColumns = (stored: CallRow, derived: CallRow): readonly string[] =>
  SAID_COLUMNS.filter((column) => !isDeepStrictEqual(Reflect.get(stored, column), Reflect.get(derived, column)))

const saying = (row: CallRow, columns: readonly string[]): string =>
  columns.map((column) => `${column} ${textOf(row[column as keyof CallRow])}`).join(', ')

const QUANTITIES = ['input_total', 'output_total']

/** A call that stands neither once nor not at all is a finding of the laws of signed entries. */
const isBroken = ({ ledger }: StoredTrace, { span_id, part }: CallRow): boolean => {
  const rows = ledger.calls.filter((row) => row.span_id === span_id && row.part === part)
  const net = rows.reduce((sum, { sign }) => sum + sign, 0)
  return net !== 0 && net !== 1
}

/** What posting the derivation of today would change, one finding per call. */
const correctionsOf = (trace: StoredTrace, { corrections }: RederivedTrace): readonly Listed[] => {
  const rows = corrections.calls.filter((row) => !isBroken(trace, row))
  const ofCalls = Map.groupBy(rows, ({ span_id, part }) => `${span_id} ${part}`)
  return [
    ...[...ofCalls.values()].map((rows) => keyed(callFinding(trace, rows))),
    ...corrections.quarantine.map((row) =>
      keyed({
        check: 'settlement',
        what:
          row.sign > 0
            ? 'a call that should be in the quarantine is not'
            : 'a call is in the quarantine and should not be',
        where: { table: 'quarantine', ...placeOf(trace, row) },
        got: row.sign > 0 ? 'nothing' : row.reason,
        want: row.sign > 0 ? row.reason : 'nothing',
        fix: FIX_DERIVED,
      }),
    ),
  ]
}

const callFinding = (trace: StoredTrace, rows: readonly CallRow[]): Finding => {
  const [stored, derived] = [rows.find(({ sign }) => sign < 0), rows.find(({ sign }) => sign > 0)]
  const row = stored ?? derived
  const where = { table: 'calls', ...(row === undefined ? {} : placeOf(trace, row)) }
  const common = { check: 'settlement', where, fix: FIX_DERIVED } as const
  if (stored === undefined) {
    const want = derived === undefined ? '' : saying(derived, QUANTITIES)
    return { ...common, what: 'a call that its evidence charges is not charged', got: 'no charge', want }
  }
  if (derived === undefined) {
    return {
      ...common,
      what: 'a call is charged that its evidence does not charge',
      got: saying(stored, QUANTITIES),
      want: 'no charge',
    }
  }
  const changed = changedColumns(stored, derived)
  return {
    ...common,
    what: 'a call is charged in another way than its evidence says',
    got: saying(stored, changed),
    want: saying(derived, changed),
  }
}

/** Longest time that evidence may be unsettled while everything works. */
export const SETTLEMENT_WAIT_MS_MAX = limits.traceOpenMsMax + limits.verifySettlementGraceMs
