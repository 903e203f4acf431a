/**
 * A dialect table → the alternatives of its rules in the order in which they are tried: scope + version, scope + marker,
 * scope, marker, generic; inside one class the more literal scope pattern, then the earlier row.
 */
import { OutlayError } from '@outlay/core'
import { type AliasIndex, buildAliasIndex, REQUEST_MODEL_KEYS } from './alias-chains.ts'
import type { AttributionKeys } from './attribution-sources.ts'
import {
  type DialectRule,
  markerKeysOf,
  type RuleMarker,
  type RuleMatch,
  type RuleMeaning,
  type RulePart,
  type SpanRole,
} from './dialect-rule.ts'
import { buildKeyIndex } from './key-index.ts'
import { type NamePattern, parseNamePattern } from './name-pattern.ts'
import { FactReader } from './span-facts.ts'

/** A rule, ready to read spans with. */
export interface MatchedRule {
  /** `id@rev`. */
  readonly ruleId: string
  readonly meaning: RuleMeaning
  readonly aliases: AliasIndex
  readonly requestModelKeys: readonly string[]
  /** What attribute keys mean under this rule. */
  readonly keys: FactReader
  readonly nameRoles: readonly { readonly pattern: NamePattern; readonly role: SpanRole }[]
  readonly neverPromote: boolean
  readonly parts: readonly RulePart[]
}

export interface RuleCandidate {
  readonly rule: MatchedRule
  readonly class: number
  readonly scope: NamePattern | undefined
  readonly scopeVersion: string | undefined
  readonly marker: CompiledMarker | undefined
  readonly fromNano: bigint
  readonly toNano: bigint | undefined
  readonly tieKey: string
}

export interface CompiledValue {
  readonly key: string
  readonly patterns: readonly NamePattern[]
}

export interface CompiledMarker {
  readonly keys: readonly string[]
  readonly values: readonly CompiledValue[]
  readonly names: readonly NamePattern[]
  readonly and: readonly CompiledValue[]
}

const NANOS_PER_MS = 1_000_000n

const compileValues = (wanted: Readonly<Record<string, readonly string[]>> = {}): CompiledValue[] =>
  Object.entries(wanted).map(([key, values]) => ({
    key,
    patterns: values.map((value) => parseNamePattern(value.toLowerCase())),
  }))

const compileMarker = (marker: RuleMarker): CompiledMarker => ({
  keys: marker.keys ?? [],
  values: compileValues(marker.values),
  names: (marker.names ?? []).map(parseNamePattern),
  and: compileValues(marker.and),
})

const classOf = (match: RuleMatch): number => {
  if (match.scopes !== undefined) return match.scopeVersion !== undefined ? 0 : match.marker !== undefined ? 1 : 2
  return match.marker !== undefined ? 3 : 4
}

const nanosOf = (day: string): bigint => BigInt(Date.parse(`${day}T00:00:00Z`)) * NANOS_PER_MS

type RuleKeys = Pick<MatchedRule, 'aliases' | 'requestModelKeys' | 'keys'>

/** What attribute keys mean under most rules. */
interface GeneralKeys extends RuleKeys {
  readonly markerKeys: readonly string[]
  readonly attributionKeys: AttributionKeys
}

const generalKeysOf = (rules: readonly DialectRule[], attributionKeys: AttributionKeys): GeneralKeys => {
  const markerKeys = rules.flatMap(({ match }) => match.flatMap(({ marker = {} }) => markerKeysOf(marker)))
  const tables = { aliases: buildAliasIndex(), requestModelKeys: REQUEST_MODEL_KEYS, markerKeys, attributionKeys }
  return { ...tables, keys: new FactReader(buildKeyIndex(tables)) }
}

const keysOf = ({ overrides = {} }: DialectRule, general: GeneralKeys): RuleKeys => {
  if (overrides.aliases === undefined && overrides.requestModelKeys === undefined) return general
  const aliases = overrides.aliases === undefined ? general.aliases : buildAliasIndex(overrides.aliases)
  const requestModelKeys = [...REQUEST_MODEL_KEYS, ...(overrides.requestModelKeys ?? [])]
  const keys = new FactReader(buildKeyIndex({ ...general, aliases, requestModelKeys }))
  return { aliases, requestModelKeys, keys }
}

const compileRule = (rule: DialectRule, general: GeneralKeys): RuleCandidate[] => {
  const { overrides } = rule
  const { aliases, requestModelKeys, keys } = keysOf(rule, general)
  const compiled: MatchedRule = {
    ruleId: `${rule.id}@${rule.rev}`,
    meaning: rule.meaning,
    aliases,
    requestModelKeys,
    keys,
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

const overlap = (a: RuleCandidate, b: RuleCandidate): boolean =>
  (b.toNano === undefined || a.fromNano < b.toNano) && (a.toNano === undefined || b.fromNano < a.toNano)

const assertNoTies = (candidates: readonly RuleCandidate[]): void => {
  const seen = new Map<string, RuleCandidate[]>()
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

export interface CompiledTable {
  readonly general: GeneralKeys
  readonly candidates: readonly RuleCandidate[]
}

/**
 * Compiles a rule table. Fails with `E_DIALECT_RULE_TIE` if two rules match the same scope, version and marker in the
 * same period. The table must hold a rule without conditions, which matches what nothing else does.
 */
export const compileTable = (rules: readonly DialectRule[], attributionKeys: AttributionKeys): CompiledTable => {
  const general = generalKeysOf(rules, attributionKeys)
  const candidates = rules.flatMap((rule) => compileRule(rule, general))
  assertNoTies(candidates)
  candidates.sort((a, b) => a.class - b.class || literalness(b.scope) - literalness(a.scope))
  return { general, candidates }
}
