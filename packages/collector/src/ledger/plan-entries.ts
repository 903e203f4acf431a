/**
 * What to post: the difference between what settlement wants and what the ledger says now. A pure function; run twice,
 * it posts nothing the second time. Order of arrival cannot matter, since only the final difference counts. Where two
 * collectors settled one trace at once, the ledger may hold an entry twice: that is a difference like any other.
 *
 * Invariant: per call key and table the net sign stays 0 or 1, and a reversal repeats the row it reverses.
 */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { atOnce, digestOf, type Steps } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import { type CorrectionReason, reasonOf, type Trigger } from './correction-reason.ts'
import { type ChargeContent, type DesiredEntry, refoldedCharge, type RefusalContent } from './settled-row.ts'

/** What a posted row says about its posting; assigned when the unit is sealed. */
export interface Posting {
  readonly postedAtMs: number
  readonly walId: string
  readonly unit: bigint
  /** Entries of the unit that stand before these; none where it is left out. */
  readonly before?: { readonly calls: number; readonly quarantine: number }
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
  readonly posted_at: bigint
  readonly wal_id: string
}

type SpanKey = Pick<SignedRow, 'authority' | 'trace_id' | 'span_id'>

export const spanKeyOf = ({ authority, trace_id, span_id }: SpanKey): string =>
  `${authority}\u0000${trace_id}\u0000${span_id}`

const keyOf = (row: SpanKey & Pick<SignedRow, 'part'>): string => `${spanKeyOf(row)}\u0000${row.part}`

interface KeyHistory<Row extends SignedRow> {
  /** Charges that no reversal takes back, the one to keep first: one at most, unless an entry stands twice. */
  readonly open: readonly Row[]
  /** Reversals that take back nothing: none, unless one stands twice. */
  readonly surplus: readonly Row[]
  readonly lastSeq: number
  readonly entries: EntryCounts
}

/** How many entries of one call stand with a seq and a sign: a copy of one needs an id of its own. */
class EntryCounts {
  readonly #counts = new Map<string, number>()

  /** The number of one more of them, from 1. */
  next(seq: number, sign: number): number {
    const name = `${seq} ${sign}`
    const number = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, number)
    return number
  }
}

/** Which copy an entry is, where a call has several with its seq and sign; part of no id but those of copies. */
const entryIdOf = (key: string, { seq, sign, copy }: { seq: number; sign: number; copy: number }): string =>
  digestOf([key, String(seq), String(sign), ...(copy > 1 ? [String(copy)] : [])], ENTRY_ID_BYTES).toString('hex')

const historiesOf = <Row extends SignedRow>(rows: readonly Row[]): Map<string, KeyHistory<Row>> =>
  new Map([...Map.groupBy(rows, keyOf)].map(([key, ofKey]) => [key, historyOf(ofKey)]))

const historyOf = <Row extends SignedRow>(rows: readonly Row[]): KeyHistory<Row> => {
  const entries = new EntryCounts()
  for (const { seq, sign } of rows) entries.next(seq, sign)
  const unmatched = [...Map.groupBy(rows, ({ seq }) => seq).values()].map(withoutPairs)
  return {
    open: unmatched.flatMap(({ charges }) => charges).toSorted(byPosting),
    surplus: unmatched.flatMap(({ reversals }) => reversals),
    lastSeq: rows.reduce((last, { seq }) => Math.max(last, seq), 0),
    entries,
  }
}

/** What is left of the entries of one seq when each reversal has taken back a charge that says the same. */
const withoutPairs = <Row extends SignedRow>(rows: readonly Row[]): { charges: Row[]; reversals: Row[] } => {
  const charges = rows.filter(({ sign }) => sign > 0).toSorted(byPosting)
  const reversals = rows.filter((row) => {
    if (row.sign > 0) return false
    const at = charges.findLastIndex(({ content_hash }) => content_hash === row.content_hash)
    if (at >= 0) charges.splice(at, 1)
    return at < 0
  })
  return { charges, reversals }
}

/** The same order for every collector that looks, so that all keep the same of two copies. */
const byPosting = (one: SignedRow, other: SignedRow): number =>
  one.seq - other.seq || Number(one.posted_at - other.posted_at) || (one.wal_id < other.wal_id ? -1 : 1)

/** Charges that no reversal takes back. */
export const openRows = <Row extends SignedRow>(rows: readonly Row[]): readonly Row[] =>
  [...historiesOf(rows).values()].flatMap(({ open }) => open)

/** Copies are what two collectors leave behind that settled one trace at once: they are taken back like any wrong charge. */
interface Difference<Row extends SignedRow, Content> {
  readonly reverse: readonly { readonly row: Row; readonly copy: number; readonly isCopy: boolean }[]
  /** Charges that were taken back twice. */
  readonly restore: readonly { readonly row: Row; readonly copy: number }[]
  readonly post: readonly { readonly key: string; readonly seq: number; readonly content: Content }[]
}

const differenceOf = <Row extends SignedRow, Content extends { readonly content_hash: string }>(
  wanted: ReadonlyMap<string, Content>,
  existing: readonly Row[],
): Difference<Row, Content> => {
  const histories = historiesOf(existing)
  const standing = new Set<string>()
  const differences = [...histories].map(([key, { open, surplus, entries }]) => {
    const kept = open.find(({ content_hash }) => content_hash === wanted.get(key)?.content_hash)
    if (kept !== undefined) standing.add(key)
    const corrected = kept ?? open[0]
    return {
      reverse: open
        .filter((row) => row !== kept)
        .map((row) => ({ row, copy: entries.next(row.seq, -1), isCopy: row !== corrected })),
      restore: surplus.map((row) => ({ row, copy: entries.next(row.seq, 1) })),
    }
  })
  return {
    reverse: differences.flatMap(({ reverse }) => reverse),
    restore: differences.flatMap(({ restore }) => restore),
    post: [...wanted]
      .filter(([key]) => !standing.has(key))
      .map(([key, content]) => ({ key, seq: (histories.get(key)?.lastSeq ?? 0) + 1, content })),
  }
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
  const moved = [...historiesOf(existing)].flatMap(([key, { open, lastSeq, entries }]) => {
    const [row] = open
    const content = row?.wal_id === posting.walId ? refoldedCharge(row, tables) : undefined
    if (row === undefined || content === undefined) return []
    const copy = entries.next(row.seq, -1)
    return [{ reversed: { row, copy, isCopy: false }, charge: { key, seq: lastSeq + 1, content } }]
  })
  const batch = moved.slice(0, callsMax)
  const difference = {
    reverse: batch.map(({ reversed }) => reversed),
    restore: [],
    post: batch.map(({ charge }) => charge),
  }
  return atOnce(postingCalls(difference, posting, { trigger: 'tables', duplicates: new Set() }))
}

/** Plans the entries of many traces at once: they go into one unit, each reversal beside its replacement. */
export const planEntries = (
  desired: readonly DesiredEntry[],
  existing: OpenLedger,
  posting: Posting,
  occasion: Occasion = ARRIVAL,
): PlannedEntries => atOnce(planningEntries(desired, existing, posting, occasion))

/** The same, some entries at a step. */
export function* planningEntries(
  desired: readonly DesiredEntry[],
  existing: OpenLedger,
  posting: Posting,
  occasion: Occasion,
): Steps<PlannedEntries> {
  const charges = new Map<string, ChargeContent>()
  const refusals = new Map<string, RefusalContent>()
  for (const entry of desired) {
    if (entry.kind === 'charge') charges.set(keyOf(entry.content), entry.content)
    else refusals.set(keyOf(entry.content), entry.content)
  }
  return {
    calls: yield* postingCalls(differenceOf(charges, existing.calls), posting, occasion),
    quarantine: postRefusals(differenceOf(refusals, existing.quarantine), posting),
  }
}

/** Entries that are made at a step. */
const ENTRIES_PER_STEP = 64

function* postingCalls(
  { reverse, restore, post }: Difference<CallRow, ChargeContent>,
  posting: Posting,
  { trigger, duplicates }: Occasion,
): Steps<readonly CallRow[]> {
  const stamp = stampOf(posting)
  const replacements = new Map(post.map(({ key, content }) => [key, content]))
  const reasons = new Map<string, CorrectionReason>()
  const reversals = reverse.map(({ row, copy, isCopy }) => {
    const key = keyOf(row)
    const isDuplicate = duplicates.has(spanKeyOf(row))
    const reason = isCopy
      ? 'duplicate'
      : reasonOf(trigger, { open: row, replacement: replacements.get(key), isDuplicate })
    if (!isCopy) reasons.set(key, reason)
    const entry_id = entryIdOf(key, { seq: row.seq, sign: -1, copy })
    return { ...row, ...stamp, entry_id, sign: -1, reverses: row.entry_id, reason }
  })
  const restored = restore.map(({ row, copy }) => {
    const entry_id = entryIdOf(keyOf(row), { seq: row.seq, sign: 1, copy })
    return { ...row, ...stamp, entry_id, sign: 1, reverses: NOTHING_REVERSED, reason: 'duplicate' }
  })
  const charges: Omit<CallRow, 'pos'>[] = []
  for (const { key, seq, content } of post) {
    charges.push({
      ...content,
      ...stamp,
      entry_id: entryIdOf(key, { seq, sign: 1, copy: 1 }),
      sign: 1,
      seq,
      reverses: NOTHING_REVERSED,
      reason: seq === 1 && trigger !== 'operator' ? 'settled' : (reasons.get(key) ?? REASON_TO_RETURN[trigger]),
    })
    if (charges.length % ENTRIES_PER_STEP === 0) yield
  }
  return numbered([...reversals, ...restored, ...charges], posting.before?.calls)
}

const postRefusals = (
  { reverse, restore, post }: Difference<QuarantineRow, RefusalContent>,
  posting: Posting,
): readonly QuarantineRow[] => {
  const stamp = stampOf(posting)
  const again = (row: QuarantineRow, sign: 1 | -1, copy: number): QuarantineRow => ({
    ...row,
    ...stamp,
    entry_id: entryIdOf(keyOf(row), { seq: row.seq, sign, copy }),
    sign,
  })
  const releases = reverse.map(({ row, copy }) => again(row, -1, copy))
  const restored = restore.map(({ row, copy }) => again(row, 1, copy))
  const refusals = post.map(({ key, seq, content }) => ({
    ...content,
    ...stamp,
    entry_id: entryIdOf(key, { seq, sign: 1, copy: 1 }),
    sign: 1,
    seq,
  }))
  return numbered([...releases, ...restored, ...refusals], posting.before?.quarantine)
}

/** In the order of their unit. The rows are new, and nobody else has them: they are not copied once more. */
const numbered = <Row extends object>(rows: readonly Row[], before = 0): readonly (Row & { readonly pos: number })[] =>
  rows.map((row, index) => Object.assign(row, { pos: before + index }))

const stampOf = ({ postedAtMs, walId, unit }: Posting): Pick<CallRow, 'posted_at' | 'wal_id' | 'unit'> => ({
  posted_at: BigInt(postedAtMs),
  wal_id: walId,
  unit,
})
