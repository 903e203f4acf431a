/** Finds the dialect rule of a span. Candidates are remembered per scope, so that a span costs no pattern matching. */
import { textOf } from './attribute-values.ts'
import type { AttributionKeys } from './attribution-sources.ts'
import type { DialectRule } from './dialect-rule.ts'
import { DIALECT_RULES } from './dialect-rules.ts'
import type { Attributes } from './evidence.ts'
import { TOPIC } from './key-index.ts'
import { matchesName } from './name-pattern.ts'
import {
  type CompiledMarker,
  type CompiledTable,
  type CompiledValue,
  compileTable,
  type MatchedRule,
  type RuleCandidate,
} from './rule-candidates.ts'
import { type SpanFacts, speaksOf } from './span-facts.ts'

/** What matching looks at. */
interface RuleSubject {
  readonly scopeName: string
  readonly scopeVersion: string
  readonly name: string
  readonly startUnixNano: bigint
  readonly attributes: Attributes
}

/** A span's rule, and what its attributes say under that rule. */
export interface RuledSpan {
  readonly rule: MatchedRule
  readonly facts: SpanFacts
}

export interface RuleMatcher {
  readonly match: (subject: RuleSubject) => RuledSpan
}

const SCOPES_REMEMBERED_MAX = 1_000

const hasValue = ({ key, patterns }: CompiledValue, attributes: Attributes): boolean => {
  const value = attributes[key]
  if (value === undefined) return false
  const text = textOf(value).toLowerCase()
  return patterns.some((pattern) => matchesName(pattern, text))
}

const marks = (marker: CompiledMarker, attributes: Attributes): boolean =>
  marker.keys.some((key) => attributes[key] !== undefined) ||
  marker.values.some((wanted) => hasValue(wanted, attributes))

const holds = (marker: CompiledMarker, { attributes, name }: RuleSubject, facts: SpanFacts): boolean =>
  ((speaksOf(facts, TOPIC.marker) && marks(marker, attributes)) ||
    marker.names.some((pattern) => matchesName(pattern, name))) &&
  marker.and.every((wanted) => hasValue(wanted, attributes))

const isValidAt = ({ fromNano, toNano }: RuleCandidate, startUnixNano: bigint): boolean =>
  startUnixNano >= fromNano && (toNano === undefined || startUnixNano < toNano)

/** Candidates of a scope: pattern matching once per scope and version. */
const rememberCandidates = (
  candidates: readonly RuleCandidate[],
): ((scopeName: string, scopeVersion: string) => readonly RuleCandidate[]) => {
  const byScope = new Map<string, Map<string, readonly RuleCandidate[]>>()
  let remembered = 0
  return (scopeName, scopeVersion) => {
    const known = byScope.get(scopeName)?.get(scopeVersion)
    if (known !== undefined) return known
    const found = candidates.filter(
      (candidate) =>
        (candidate.scope === undefined || matchesName(candidate.scope, scopeName)) &&
        (candidate.scopeVersion === undefined || scopeVersion.startsWith(candidate.scopeVersion)),
    )
    // Scope names come from senders: forget all rather than grow without bound.
    if (remembered >= SCOPES_REMEMBERED_MAX) {
      byScope.clear()
      remembered = 0
    }
    const ofScope = byScope.get(scopeName) ?? new Map<string, readonly RuleCandidate[]>()
    byScope.set(scopeName, ofScope.set(scopeVersion, found))
    remembered += 1
    return found
  }
}

const matcherOf = ({ general, candidates }: CompiledTable): RuleMatcher => {
  const candidatesOf = rememberCandidates(candidates)

  const ruleOf = (subject: RuleSubject, facts: SpanFacts): MatchedRule => {
    for (const candidate of candidatesOf(subject.scopeName, subject.scopeVersion)) {
      if (candidate.scopeVersion === undefined && !isValidAt(candidate, subject.startUnixNano)) continue
      if (candidate.marker === undefined || holds(candidate.marker, subject, facts)) return candidate.rule
    }
    throw new Error('BUG: the dialect table has no generic rule')
  }

  return {
    match: (subject) => {
      const facts = general.keys.read(subject.attributes)
      const rule = ruleOf(subject, facts)
      return { rule, facts: rule.keys === general.keys ? facts : rule.keys.read(subject.attributes) }
    },
  }
}

const NO_KEYS: AttributionKeys = {}
const matchers = new WeakMap<readonly DialectRule[], WeakMap<AttributionKeys, RuleMatcher>>()

/** The matcher of a table and an operator's map, compiled once per pair: pass the same ones every time. */
export const ruleMatcherOf = (
  rules: readonly DialectRule[] = DIALECT_RULES,
  attributionKeys: AttributionKeys = NO_KEYS,
): RuleMatcher => {
  const ofTable = matchers.get(rules) ?? new WeakMap<AttributionKeys, RuleMatcher>()
  const known = ofTable.get(attributionKeys)
  if (known !== undefined) return known
  const matcher = matcherOf(compileTable(rules, attributionKeys))
  matchers.set(rules, ofTable.set(attributionKeys, matcher))
  return matcher
}
