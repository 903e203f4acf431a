/** The shape of a dialect rule (spec: counters §1). Rules are data; the engine around them knows no emitter by name. */
import type { AliasChains } from './alias-chains.ts'

/**
 * What a span is for billing. `leaf`: one model call. `leaf_without_output`: a call that reports input only (embedding,
 * rerank). `aggregate`: may be promoted when no leaf was seen. `container`: a sum that is never billed. `tool` and
 * `inert` carry no billable usage.
 */
export type SpanRole = 'leaf' | 'leaf_without_output' | 'aggregate' | 'container' | 'tool' | 'inert' | 'unknown'

export const isLeafRole = (role: SpanRole): boolean => role === 'leaf' || role === 'leaf_without_output'

/** Span name → role: exact, or with one `*` at the start or the end. */
export interface NameRole {
  readonly name: string
  readonly role: SpanRole
}

/** Any one of the conditions suffices. */
export interface RuleMarker {
  /** Present attribute keys. */
  readonly keys?: readonly string[]
  /** Attribute key → values, compared without case; a trailing `*` matches a prefix. */
  readonly values?: Readonly<Record<string, readonly string[]>>
  /** Span names, with one optional `*`. */
  readonly names?: readonly string[]
  /** As `values`, but of all of them, and beside the condition that suffices otherwise. */
  readonly and?: Readonly<Record<string, readonly string[]>>
}

/** The attributes that a marker looks at. */
export const markerKeysOf = ({ keys = [], values = {}, and = {} }: RuleMarker): readonly string[] => [
  ...keys,
  ...Object.keys(values),
  ...Object.keys(and),
]

export interface RuleMatch {
  /** Scope names: exact, or with one `*` at the start or the end. Absent = any scope. */
  readonly scopes?: readonly string[]
  /** Prefix of the scope version, e.g. `1.`. */
  readonly scopeVersion?: string
  readonly marker?: RuleMarker
  /** Replaces the rule's meaning where this alternative matched, e.g. by attribute names alone. */
  readonly meaning?: RuleMeaning
}

export interface RuleMeaning {
  /** Whether input contains cache reads and writes. `by_provider`: excluded for `exclusiveProviders` only. */
  readonly cache: 'included' | 'excluded' | 'by_provider' | 'unknown'
  readonly exclusiveProviders?: readonly string[]
  readonly reasoning: 'included' | 'excluded' | 'unknown'
  readonly usage: 'reported' | 'estimated'
  /** The rule itself is a guess: what it decides is flagged. */
  readonly assumed?: boolean
  /** A cache count of 0 is a default value and proves nothing. */
  readonly zeroCacheUnproven?: boolean
}

/** A part of the call that bills as its own row, reported in attributes beside the main usage. */
export interface RulePart {
  readonly part: string
  readonly inputKey: string
  readonly outputKey: string
}

export interface RuleOverrides {
  /** Names that speak before the general classification. */
  readonly leaf?: { readonly names?: readonly NameRole[]; readonly neverPromote?: boolean }
  /** Appended to the general chains. */
  readonly aliases?: AliasChains
  readonly requestModelKeys?: readonly string[]
  readonly parts?: readonly RulePart[]
}

export interface DialectRule {
  /** Stable. */
  readonly id: string
  /** Goes up with every change. */
  readonly rev: number
  /** UTC days `[from, to)`, compared with the start of the span when the scope has no version. */
  readonly valid: { readonly from: string; readonly to: string | null }
  /** Alternatives. */
  readonly match: readonly RuleMatch[]
  readonly meaning: RuleMeaning
  readonly overrides?: RuleOverrides
  readonly evidence: string
}
