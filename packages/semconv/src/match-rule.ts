/**
 * Finds the dialect rule of a span. Order: scope + version, scope + marker, scope, marker, generic; inside one class the
 * more literal scope pattern, then the earlier row. Candidates are remembered per scope, so that a span costs no
 * pattern matching.
 */
import { OutlayError } from '@outlay/core'
import { type AliasIndex, buildAliasIndex, REQUEST_MODEL_KEYS } from './alias-chains.ts'
import { textOf } from './attribute-values.ts'
import type { DialectRule, RuleMarker, RuleMatch, RuleMeaning, RulePart, SpanRole } from './dialect-rule.ts'
import { DIALECT_RULES } from './dialect-rules.ts'
import type { Attributes } from './evidence.ts'
import { matchesName, type NamePattern, parseNamePattern } from './name-pattern.ts'

/** A rule, ready to read spans with. */
export interface MatchedRule {
  /** `id@rev`. */
  readonly ruleId: string
  readonly meaning: RuleMeaning
  readonly aliases: AliasIndex
  readonly requestModelKeys: readonly string[]
  readonly nameRoles: readonly { readonly pattern: NamePattern; readonly role: SpanRole }[]
  readonly neverPromote: boolean
  readonly parts: readonly RulePart[]
}

/** What matching looks at. */
interface RuleSubject {
  readonly scopeName: string
  readonly scopeVersion: string
  readonly name: string
  readonly startUnixNano: bigint
  readonly attributes: Attributes
}

interface Candidate {
  readonly rule: MatchedRule
  readonly class: number
  readonly scope: NamePattern | undefined
  readonly scopeVersion: string | undefined
  readonly marker: CompiledMarker | undefined
  readonly fromNano: bigint
  readonly toNano: bigint | undefined
  readonly tieKey: string
}

interface CompiledMarker {
  readonly keys: readonly string[]
  readonly values: readonly { readonly key: string; readonly patterns: readonly NamePattern[] }[]
  readonly names: readonly NamePattern[]
}

export interface RuleMatcher {
  readonly match: (subject: RuleSubject) => MatchedRule
}

const NANOS_PER_MS = 1_000_000n
const SCOPES_REMEMBERED_MAX = 1_000

const compileMarker = (marker: RuleMarker): CompiledMarker => ({
  keys: marker.keys ?? [],
  values: Object.entries(marker.values ?? {}).map(([key, values]) => ({
    key,
    patterns: values.map((value) => parseNamePattern(value.toLowerCase())),
  })),
  names: (marker.names ?? []).map(parseNamePattern),
})

const holds = (marker: CompiledMarker, { attributes, name }: RuleSubject): boolean =>
  marker.keys.some((key) => attributes[key] !== undefined) ||
  marker.values.some(({ key, patterns }) => {
    const value = attributes[key]
    if (value === undefined) return false
    const text = textOf(value).toLowerCase()
    return patterns.some((pattern) => matchesName(pattern, text))
  }) ||
  marker.names.some((pattern) => matchesName(pattern, name))

const classOf = (match: RuleMatch): number => {
  if (match.scopes !== undefined) return match.scopeVersion !== undefined ? 0 : match.marker !== undefined ? 1 : 2
  return match.marker !== undefined ? 3 : 4
}

const nanosOf = (day: string): bigint => BigInt(Date.parse(`${day}T00:00:00Z`)) * NANOS_PER_MS

const compileRule = (rule: DialectRule, general: AliasIndex): Candidate[] => {
  const { overrides } = rule
  const compiled: MatchedRule = {
    ruleId: `${rule.id}@${rule.rev}`,
    meaning: rule.meaning,
    aliases: overrides?.aliases === undefined ? general : buildAliasIndex(overrides.aliases),
    requestModelKeys: [...REQUEST_MODEL_KEYS, ...(overrides?.requestModelKeys ?? [])],
    nameRoles: (overrides?.leaf?.names ?? []).map(({ name, role }) => ({ pattern: parseNamePattern(name), role })),
    neverPromote: overrides?.leaf?.neverPromote ?? false,
    parts: overrides?.parts ?? [],
  }
  return rule.match.flatMap((match) =>
    (match.scopes ?? [undefined]).map((scope) => ({
      rule: match.meaning === undefined ? compiled : { ...compiled, meaning: match.meaning },
      class: classOf(match),
      scope: scope === undefined ? undefined : parseNamePattern(scope),
      scopeVersion: match.scopeVersion,
      marker: match.marker === undefined ? undefined : compileMarker(match.marker),
      fromNano: nanosOf(rule.valid.from),
      toNano: rule.valid.to === null ? undefined : nanosOf(rule.valid.to),
      tieKey: JSON.stringify([scope ?? '', match.scopeVersion ?? '', match.marker ?? '']),
    })),
  )
}

const overlap = (a: Candidate, b: Candidate): boolean =>
  (b.toNano === undefined || a.fromNano < b.toNano) && (a.toNano === undefined || b.fromNano < a.toNano)

const assertNoTies = (candidates: readonly Candidate[]): void => {
  const seen = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const equals = seen.get(candidate.tieKey) ?? []
    const tie = equals.find((other) => overlap(candidate, other))
    if (tie !== undefined) {
      throw new OutlayError('E_DIALECT_RULE_TIE', 'two dialect rules match the same spans', {
        got: `${tie.rule.ruleId} and ${candidate.rule.ruleId} on ${candidate.tieKey}`,
        want: 'one rule per scope, version, marker and period',
        fix: 'close the older rule with valid.to, or give one of them a marker',
      })
    }
    seen.set(candidate.tieKey, [...equals, candidate])
  }
}

/** Exact scopes before patterns, longer patterns before shorter ones. Sorting is stable: table order decides the rest. */
const literalness = (scope: NamePattern | undefined): number => {
  if (scope === undefined) return 0
  return scope.kind === 'exact' ? Number.MAX_SAFE_INTEGER : scope.literal.length
}

/**
 * Compiles a rule table. Fails with `E_DIALECT_RULE_TIE` if two rules match the same scope, version and marker in the
 * same period. The table must hold a rule without conditions, which matches what nothing else does.
 */
const compileRules = (rules: readonly DialectRule[]): RuleMatcher => {
  const general = buildAliasIndex()
  const candidates = rules.flatMap((rule) => compileRule(rule, general))
  assertNoTies(candidates)
  candidates.sort((a, b) => a.class - b.class || literalness(b.scope) - literalness(a.scope))
  const byScope = new Map<string, readonly Candidate[]>()

  const candidatesOf = (scopeName: string, scopeVersion: string): readonly Candidate[] => {
    const key = `${scopeName}\n${scopeVersion}`
    const known = byScope.get(key)
    if (known !== undefined) return known
    const found = candidates.filter(
      (candidate) =>
        (candidate.scope === undefined || matchesName(candidate.scope, scopeName)) &&
        (candidate.scopeVersion === undefined || scopeVersion.startsWith(candidate.scopeVersion)),
    )
    // Scope names come from senders: forget all rather than grow without bound.
    if (byScope.size >= SCOPES_REMEMBERED_MAX) byScope.clear()
    byScope.set(key, found)
    return found
  }

  return {
    match: (subject) => {
      for (const candidate of candidatesOf(subject.scopeName, subject.scopeVersion)) {
        if (candidate.scopeVersion === undefined && !isValidAt(candidate, subject.startUnixNano)) continue
        if (candidate.marker === undefined || holds(candidate.marker, subject)) return candidate.rule
      }
      throw new Error('BUG: the dialect table has no generic rule')
    },
  }
}

const isValidAt = ({ fromNano, toNano }: Candidate, startUnixNano: bigint): boolean =>
  startUnixNano >= fromNano && (toNano === undefined || startUnixNano < toNano)

const compiled = new WeakMap<readonly DialectRule[], RuleMatcher>()

/** The matcher of a table, compiled once per table. */
export const ruleMatcherOf = (rules: readonly DialectRule[] = DIALECT_RULES): RuleMatcher => {
  const known = compiled.get(rules)
  if (known !== undefined) return known
  const matcher = compileRules(rules)
  compiled.set(rules, matcher)
  return matcher
}
