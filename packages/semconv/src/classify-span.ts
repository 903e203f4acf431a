/** Span → role, by the first source that speaks (spec: counters §10). */
import { textOf } from './attribute-values.ts'
import type { SpanRole } from './dialect-rule.ts'
import type { Attributes } from './evidence.ts'
import type { MatchedRule } from './match-rule.ts'
import { matchesName, parseNamePattern } from './name-pattern.ts'
import {
  AI_OPERATION_KEYS,
  AI_OPERATION_PREFIX,
  aiOperationRole,
  MEMORY_OPERATION,
  NAMES_LAST,
  type RoleSource,
  SOURCES_AFTER_AI_SDK,
  SOURCES_BEFORE_AI_SDK,
} from './span-roles.ts'

export interface ClassifiedSubject {
  readonly scopeName: string
  readonly name: string
  readonly attributes: Attributes
}

const firstWord = (text: string): string => {
  const space = text.indexOf(' ')
  return space < 0 ? text : text.slice(0, space)
}

const readValue = (text: string, read: RoleSource['read']): string =>
  (read === 'unquoted' ? text.replaceAll('"', '') : text).toLowerCase()

const roleFrom = (source: RoleSource, attributes: Attributes): SpanRole | undefined => {
  const raw = attributes[source.key]
  if (raw === undefined) return undefined
  const value = readValue(textOf(raw), source.read)
  if (value === '') return undefined
  if (Object.hasOwn(source.roles, value)) return source.roles[value]
  if (source.key === 'gen_ai.operation.name' && value.includes(MEMORY_OPERATION)) return 'inert'
  return source.otherwise
}

const firstRole = (sources: readonly RoleSource[], attributes: Attributes): SpanRole | undefined => {
  for (const source of sources) {
    const role = roleFrom(source, attributes)
    if (role !== undefined) return role
  }
  return undefined
}

const aiSdkRole = (attributes: Attributes): SpanRole | undefined => {
  for (const key of AI_OPERATION_KEYS) {
    const operation = firstWord(textOf(attributes[key]))
    if (operation.startsWith(AI_OPERATION_PREFIX)) return aiOperationRole(operation)
  }
  return undefined
}

const NAMES = NAMES_LAST.map(({ name, role, scope }) => ({ pattern: parseNamePattern(name), role, scope }))

const roleOfName = ({ scopeName, name }: ClassifiedSubject): SpanRole | undefined =>
  NAMES.find(({ pattern, scope }) => matchesName(pattern, name) && (scope === undefined || scope === scopeName))?.role

/** What the span is for billing. Names that its rule overrides speak first. */
export const classifySpan = (span: ClassifiedSubject, rule: MatchedRule): SpanRole =>
  rule.nameRoles.find(({ pattern }) => matchesName(pattern, span.name))?.role ??
  firstRole(SOURCES_BEFORE_AI_SDK, span.attributes) ??
  aiSdkRole(span.attributes) ??
  firstRole(SOURCES_AFTER_AI_SDK, span.attributes) ??
  roleOfName(span) ??
  'unknown'
