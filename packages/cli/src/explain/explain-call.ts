/** One call, from its figure down to its evidence: entries, meters, price rows, rule, and what else its trace holds. */
import { type ClickHouseClient, readEntryCosts, readLedgerTables, type SpanQuestion } from '@outlay/clickhouse'
import { readStoredTraces, rederiveTrace } from '@outlay/collector'
import { assert } from '@outlay/core'
import type { BookQuestion } from '#src/book/choose-book.ts'
import { bookTables } from '#src/book/open-book.ts'
import { type EntryFacts, entryFactsOf, type RefusalFacts, refusalFactsOf, standing } from './entry-facts.ts'
import {
  type ExplainedEvidence,
  explainEvidence,
  explainFlags,
  type ExplainedRule,
  explainRule,
} from './explain-rule.ts'
import { type ExplainedSpan, explainRederivation, explainSpans, type Rederivation } from './explain-trace.ts'
import { findCall } from './find-call.ts'
import { openLedgerBook } from './ledger-book.ts'
import { type PricedEntry, pricedEntry } from './priced-entry.ts'

/** Shape: docs/reference/cli/explain.schema.json. */
export interface ExplainedCall {
  readonly kind: 'call'
  readonly span: { readonly authority: string; readonly trace_id: string; readonly span_id: string }
  readonly disposition: string
  readonly book: { readonly name: string; readonly revision: number }
  readonly entries: readonly (EntryFacts & { readonly stands: boolean; readonly price: PricedEntry })[]
  readonly refusals: readonly (RefusalFacts & { readonly stands: boolean })[]
  /** Of the entry that stands, else of the evidence; null where there is neither. */
  readonly rule: ExplainedRule | null
  /** What each quality flag of the call says. */
  readonly flags: Readonly<Record<string, string>>
  readonly evidence: ExplainedEvidence | null
  readonly trace: readonly ExplainedSpan[]
  readonly rederived: Rederivation
}

export interface ExplainOptions extends BookQuestion {
  readonly database: string
}

const bySeq = (
  a: { readonly part: string; readonly seq: number; readonly sign: number },
  b: { readonly part: string; readonly seq: number; readonly sign: number },
): number => (a.part < b.part ? -1 : a.part > b.part ? 1 : a.seq - b.seq || b.sign - a.sign)

/** Fails with `E_SPAN` where the span is not known or not the only one, with `E_BOOK` on an unknown book. */
export const explainCall = async (
  client: ClickHouseClient,
  question: SpanQuestion,
  options: ExplainOptions,
): Promise<ExplainedCall> => {
  const { database } = options
  const place = await findCall(client, database, question)
  const [[trace], tables, book] = await Promise.all([
    readStoredTraces({ client, database }, [place]),
    readLedgerTables(client, database, bookTables()),
    openLedgerBook(client, database, options),
  ])
  assert(trace !== undefined, 'a trace that was asked for is answered')
  const isOfSpan = ({ span_id }: { readonly span_id: string }): boolean => span_id === question.spanId
  const calls = trace.ledger.calls.filter(isOfSpan).toSorted(bySeq)
  const refusals = trace.ledger.quarantine.filter(isOfSpan).toSorted(bySeq)
  const costs = await readEntryCosts(client, database, calls, { book: book.name, of: { traceId: place.traceId } })
  const open = new Set(standing(calls))
  const refused = new Set(standing(refusals))
  const derived = rederiveTrace(trace, tables)
  const spans = explainSpans(trace, derived)
  const derivedSpan = spans.find(isOfSpan)
  const told = [...open][0] ?? calls.at(-1)
  const ruleId = told?.rule_id ?? derivedSpan?.rule ?? null
  return {
    kind: 'call',
    span: { authority: place.authority, trace_id: place.traceId, span_id: question.spanId },
    disposition: dispositionOf([...open], [...refused], derivedSpan),
    book: { name: book.name, revision: book.revision },
    entries: calls.map((entry) => ({
      ...entryFactsOf(entry),
      stands: open.has(entry),
      price: pricedEntry(entry, costs.get(entry.entry_id), book),
    })),
    refusals: refusals.map((refusal) => ({ ...refusalFactsOf(refusal), stands: refused.has(refusal) })),
    rule: ruleId === null ? null : explainRule(ruleId),
    flags: explainFlags(told?.flags ?? []),
    evidence: explainEvidence(trace, question.spanId, told === undefined ? {} : entryFactsOf(told).attribution),
    trace: spans,
    rederived: explainRederivation(trace, derived),
  }
}

/** As the ledger has it now; where it says nothing, as the evidence would have it. */
const dispositionOf = (
  open: readonly { readonly usage_status: string }[],
  refused: readonly { readonly reason: string }[],
  derived: ExplainedSpan | undefined,
): string => {
  const [charge] = open
  if (charge !== undefined) {
    return charge.usage_status === 'conflict' || charge.usage_status === 'absent' ? charge.usage_status : 'charged'
  }
  const [refusal] = refused
  if (refusal !== undefined) return refusal.reason === 'missing_attribution' ? 'quarantined' : 'unbilled_aggregate'
  if (derived === undefined) return 'reversed'
  return ['charged', 'quarantined', 'conflict', 'absent'].includes(derived.disposition)
    ? 'unsettled'
    : derived.disposition
}
