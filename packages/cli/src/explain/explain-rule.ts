/** The dialect rule of a span in words, and the stored attributes that it read. */
import type { StoredTrace } from '@outlay/collector'
import {
  attributeUsesOf,
  describeMatch,
  describeMeaning,
  describeOverrides,
  DIALECT_RULES,
  FLAG_MEANINGS,
  ruleNamed,
  settledVersionOf,
  type SpanEvidence,
} from '@outlay/semconv'
import { instantOfNanos } from './entry-facts.ts'

export interface ExplainedRule {
  /** `id@rev`. */
  readonly rule: string
  /** Another revision of it that the table has now, where it does not have this one. */
  readonly now: string | null
  readonly valid: { readonly from: string; readonly to: string | null } | null
  readonly matches: readonly string[]
  readonly meaning: readonly string[]
  readonly overrides: readonly string[]
  readonly evidence: string
}

/** A rule that the table no longer has in this revision keeps its name and says nothing. */
export const explainRule = (ruleId: string): ExplainedRule => {
  const rule = ruleNamed(ruleId)
  if (rule === undefined) {
    const other = DIALECT_RULES.findLast(({ id }) => id === ruleId.replace(/@\d+$/, ''))
    const now = other === undefined ? null : `${other.id}@${other.rev}`
    return { rule: ruleId, now, valid: null, matches: [], meaning: [], overrides: [], evidence: '' }
  }
  return {
    rule: ruleId,
    now: null,
    valid: rule.valid,
    matches: describeMatch(rule),
    meaning: describeMeaning(rule.meaning),
    overrides: describeOverrides(rule),
    evidence: rule.evidence,
  }
}

export const explainFlags = (flags: readonly string[]): Readonly<Record<string, string>> => {
  const meanings: Readonly<Record<string, string>> = FLAG_MEANINGS
  return Object.fromEntries(flags.map((flag) => [flag, meanings[flag] ?? '']))
}

export interface ExplainedEvidence {
  readonly name: string
  readonly parent_span_id: string | null
  readonly kind: number
  readonly status_code: number
  readonly start: string
  readonly end: string
  readonly received_at: string
  readonly scope: { readonly name: string; readonly version: string }
  /** Times that the span was stored: copies, or versions of which one is settled. */
  readonly stored: number
  readonly read: readonly ReadAttribute[]
  /** Attribution that other spans lend: the nearest ancestor that says what the call says. */
  readonly inherited: readonly (ReadAttribute & { readonly span_id: string })[]
}

export interface ReadAttribute {
  readonly on: 'span' | 'resource'
  readonly key: string
  readonly value: string | number | boolean
  readonly as: readonly string[]
}

const readIn = (span: SpanEvidence): ReadAttribute[] =>
  attributeUsesOf(span).map(({ on, key, value, readAs }) => ({
    on,
    key,
    // Counters are far below what a number holds exactly; whatever is not stays text.
    value: typeof value === 'bigint' ? exactNumber(value) : value,
    as: readAs,
  }))

const exactNumber = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value)

const versionsOf = ({ spans }: StoredTrace, spanId: string): SpanEvidence[] =>
  spans.map(({ span }) => span).filter((span) => span.spanId === spanId)

const ANCESTORS_MAX = 64

/** What ancestors say of the fields that the span does not name itself. */
const inheritedFrom = (
  trace: StoredTrace,
  span: SpanEvidence,
  attribution: Readonly<Record<string, string | number>>,
): ExplainedEvidence['inherited'] => {
  const own = new Set(readIn(span).flatMap(({ as }) => as))
  const wanted = new Map(Object.entries(attribution).filter(([field]) => !own.has(field)))
  const inherited: (ReadAttribute & { readonly span_id: string })[] = []
  let above = settledVersionOf(versionsOf(trace, span.parentSpanId))
  for (let depth = 0; above !== undefined && depth < ANCESTORS_MAX; depth += 1) {
    for (const read of readIn(above)) {
      const fields = read.as.filter((field) => wanted.get(field) === read.value)
      for (const field of fields) wanted.delete(field)
      if (fields.length > 0) inherited.push({ ...read, as: fields, span_id: above.spanId })
    }
    above = settledVersionOf(versionsOf(trace, above.parentSpanId))
  }
  return inherited
}

/** The version of the span that settlement reads; null where the evidence is gone. */
export const explainEvidence = (
  trace: StoredTrace,
  spanId: string,
  attribution: Readonly<Record<string, string | number>>,
): ExplainedEvidence | null => {
  const versions = versionsOf(trace, spanId)
  const span = settledVersionOf(versions)
  if (span === undefined) return null
  return {
    name: span.name,
    parent_span_id: span.parentSpanId === '' ? null : span.parentSpanId,
    kind: span.kind,
    status_code: span.statusCode,
    start: instantOfNanos(span.startUnixNano),
    end: instantOfNanos(span.endUnixNano),
    received_at: instantOfNanos(span.receivedUnixNano),
    scope: { name: span.scopeName, version: span.scopeVersion },
    stored: versions.length,
    read: readIn(span),
    inherited: inheritedFrom(trace, span, attribution),
  }
}
