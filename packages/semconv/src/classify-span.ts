/** Span → role: what names of its rule say, then attributes, then general names (spec: counters §10). */
import type { SpanRole } from './dialect-rule.ts'
import type { RuledSpan } from './match-rule.ts'
import { matchesName, parseNamePattern } from './name-pattern.ts'
import { NAMES_LAST } from './span-roles.ts'

interface ClassifiedSubject {
  readonly scopeName: string
  readonly name: string
}

const NAMES = NAMES_LAST.map(({ name, role, scope }) => ({ pattern: parseNamePattern(name), role, scope }))

const roleOfName = ({ scopeName, name }: ClassifiedSubject): SpanRole | undefined =>
  NAMES.find(({ pattern, scope }) => matchesName(pattern, name) && (scope === undefined || scope === scopeName))?.role

/** What the span is for billing. */
export const classifySpan = (span: ClassifiedSubject, { rule, facts }: RuledSpan): SpanRole =>
  rule.nameRoles.find(({ pattern }) => matchesName(pattern, span.name))?.role ??
  facts.role ??
  roleOfName(span) ??
  'unknown'
