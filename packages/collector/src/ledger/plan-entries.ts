/**
 * What to post: the difference between what settlement wants and what the ledger says now. A pure function; run twice,
 * it posts nothing the second time. Order of arrival cannot matter, since only the final difference counts.
 *
 * Invariant: per call key and table the net sign stays 0 or 1, and a reversal repeats the row it reverses.
 */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { digestOf } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import { type CorrectionReason, reasonOf, type Trigger } from './correction-reason.ts'
import { type ChargeContent, type DesiredEntry, refoldedCharge, type RefusalContent } from './settled-row.ts'

/** What a posted row says about its posting; assigned when the unit is sealed. */
export interface Posting {
  readonly postedAtMs: number
  readonly walId: string
  readonly unit: bigint
}

export interface OpenLedger {
  readonly calls: readonly CallRow[]
  readonly quarantine: readonly QuarantineRow[]
}

export interface PlannedEntries {
  readonly calls: readonly CallRow[]
  readonly quarantine: readonly QuarantineRow[]
}

/** Why entries are planned; their reasons follow from it. */
export interface Occasion {
  readonly trigger: Trigger
  /** Spans that settlement dropped in favour of another record of the same call, by `spanKeyOf`. */
  readonly duplicates: ReadonlySet<string>
}

const ARRIVAL: Occasion = { trigger: 'arrival', duplicates: new Set() }

const ENTRY_ID_BYTES = 16
const NOTHING_REVERSED = '0'.repeat(32)

/** A call that was billed before, was not for a while, and is again: what brought it back is the occasion. */
const REASON_TO_RETURN: Readonly<Record<Trigger, CorrectionReason>> = {
  arrival: 'late_span',
  rules: 'rule_change',
  tables: 'refold',
  operator: 'operator',
}

interface SignedRow {
  readonly authority: string
  readonly trace_id: string
  readonly span_id: string
  readonly part: string
  readonly sign: number
  readonly seq: number
  readonly content_hash: string
}

type SpanKey = Pick<SignedRow, 'authority' | 'trace_id' | 'span_id'>

export const spanKeyOf = ({ authority, trace_id, span_id }: SpanKey): string =>
  `${authority}\u0000${trace_id}\u0000${span_id}`

const keyOf = (row: SpanKey & Pick<SignedRow, 'part'>): string => `${spanKeyOf(row)}\u0000${row.part}`

const entryIdOf = (key: string, seq: number, sign: number): string =>
  digestOf([key, String(seq), String(sign)], ENTRY_ID_BYTES).toString('hex')

interface KeyHistory<Row extends SignedRow> {
  /** The charge that is open (net +1), if any. */
  readonly open: Row | undefined
  readonly lastSeq: number
}

const historiesOf = <Row extends SignedRow>(rows: readonly Row[]): Map<string, KeyHistory<Row>> => {
  const histories = new Map<string, { charges: Map<number, Row>; lastSeq: number }>()
  const reversed = new Map<string, Set<number>>()
  for (const row of rows) {
    const key = keyOf(row)
    const history = histories.get(key) ?? { charges: new Map<number, Row>(), lastSeq: 0 }
    histories.set(key, history)
    history.lastSeq = Math.max(history.lastSeq, row.seq)
    if (row.sign > 0) history.charges.set(row.seq, row)
    else reversed.set(key, (reversed.get(key) ?? new Set()).add(row.seq))
  }
  return new Map(
    [...histories].map(([key, { charges, lastSeq }]) => {
      const open = [...charges.values()].find(({ seq }) => !reversed.get(key)?.has(seq))
      return [key, { open, lastSeq }]
    }),
  )
}

/** Charges that no reversal takes back. */
export const openRows = <Row extends SignedRow>(rows: readonly Row[]): readonly Row[] =>
  [...historiesOf(rows).values()].flatMap(({ open }) => (open === undefined ? [] : [open]))

interface Difference<Row extends SignedRow, Content> {
  readonly reverse: readonly Row[]
  readonly post: readonly { readonly key: string; readonly seq: number; readonly content: Content }[]
}

const differenceOf = <Row extends SignedRow, Content extends { readonly content_hash: string }>(
  wanted: ReadonlyMap<string, Content>,
  existing: readonly Row[],
): Difference<Row, Content> => {
  const histories = historiesOf(existing)
  const reverse: Row[] = []
  const post: { key: string; seq: number; content: Content }[] = []
  for (const [key, { open }] of histories) {
    if (open && open.content_hash !== wanted.get(key)?.content_hash) reverse.push(open)
  }
  for (const [key, content] of wanted) {
    const history = histories.get(key)
    if (history?.open?.content_hash === content.content_hash) continue
    post.push({ key, seq: (history?.lastSeq ?? 0) + 1, content })
  }
  return { reverse, post }
}

/**
 * Plans the entries that move up to `callsMax` open charges of one log to the band and slot that the tables give them: each
 * reversal beside its replacement. Charges that another log posted are left to its collector.
 */
export const planRefold = (
  existing: readonly CallRow[],
  { tables, callsMax }: { readonly tables: BookTables; readonly callsMax: number },
  posting: Posting,
): readonly CallRow[] => {
  const moved = [...historiesOf(existing)].flatMap(([key, { open, lastSeq }]) => {
    const content = open?.wal_id === posting.walId ? refoldedCharge(open, tables) : undefined
    return open && content ? [{ open, charge: { key, seq: lastSeq + 1, content } }] : []
  })
  const batch = moved.slice(0, callsMax)
  const difference = { reverse: batch.map(({ open }) => open), post: batch.map(({ charge }) => charge) }
  return postCalls(difference, posting, { trigger: 'tables', duplicates: new Set() })
}

/** Plans the entries of many traces at once: they go into one unit, each reversal beside its replacement. */
export const planEntries = (
  desired: readonly DesiredEntry[],
  existing: OpenLedger,
  posting: Posting,
  occasion: Occasion = ARRIVAL,
): PlannedEntries => {
  const charges = new Map<string, ChargeContent>()
  const refusals = new Map<string, RefusalContent>()
  for (const entry of desired) {
    if (entry.kind === 'charge') charges.set(keyOf(entry.content), entry.content)
    else refusals.set(keyOf(entry.content), entry.content)
  }
  return {
    calls: postCalls(differenceOf(charges, existing.calls), posting, occasion),
    quarantine: postRefusals(differenceOf(refusals, existing.quarantine), posting),
  }
}

const postCalls = (
  { reverse, post }: Difference<CallRow, ChargeContent>,
  posting: Posting,
  { trigger, duplicates }: Occasion,
): readonly CallRow[] => {
  const stamp = { posted_at: BigInt(posting.postedAtMs), wal_id: posting.walId, unit: posting.unit }
  const replacements = new Map(post.map(({ key, content }) => [key, content]))
  const reasons = new Map<string, CorrectionReason>()
  const reversals = reverse.map((row) => {
    const key = keyOf(row)
    const isDuplicate = duplicates.has(spanKeyOf(row))
    const reason = reasonOf(trigger, { open: row, replacement: replacements.get(key), isDuplicate })
    reasons.set(key, reason)
    return { ...row, ...stamp, entry_id: entryIdOf(key, row.seq, -1), sign: -1, reverses: row.entry_id, reason }
  })
  const charges = post.map(({ key, seq, content }) => ({
    ...content,
    ...stamp,
    entry_id: entryIdOf(key, seq, 1),
    sign: 1,
    seq,
    reverses: NOTHING_REVERSED,
    reason: seq === 1 && trigger !== 'operator' ? 'settled' : (reasons.get(key) ?? REASON_TO_RETURN[trigger]),
  }))
  return [...reversals, ...charges].map((row, pos) => ({ ...row, pos }))
}

const postRefusals = (
  { reverse, post }: Difference<QuarantineRow, RefusalContent>,
  posting: Posting,
): readonly QuarantineRow[] => {
  const stamp = { posted_at: BigInt(posting.postedAtMs), wal_id: posting.walId, unit: posting.unit }
  const releases = reverse.map((row) => ({
    ...row,
    ...stamp,
    entry_id: entryIdOf(keyOf(row), row.seq, -1),
    sign: -1,
  }))
  const refusals = post.map(({ key, seq, content }) => ({
    ...content,
    ...stamp,
    entry_id: entryIdOf(key, seq, 1),
    sign: 1,
    seq,
  }))
  return [...releases, ...refusals].map((row, pos) => ({ ...row, pos }))
}
