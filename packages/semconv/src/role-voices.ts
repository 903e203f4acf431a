/** Attributes that speak of a span's role, the first that speaks being believed (spec: counters §10). */
import type { SpanRole } from './dialect-rule.ts'
import { remembering } from './remembering.ts'
import {
  AI_OPERATION_KEYS,
  AI_OPERATION_PREFIX,
  aiOperationRole,
  MEMORY_OPERATION,
  type RoleSource,
  SOURCES_AFTER_AI_SDK,
  SOURCES_BEFORE_AI_SDK,
} from './span-roles.ts'

export interface RoleVoice {
  readonly key: string
  /** Undefined = the value says nothing. */
  readonly speak: (text: string) => SpanRole | undefined
}

const OPERATION_KEY = 'gen_ai.operation.name'

const voiceOf = ({ key, read, roles, otherwise }: RoleSource): RoleVoice => {
  const known: ReadonlyMap<string, SpanRole> = new Map(Object.entries(roles))
  const unlisted = (value: string): SpanRole | undefined =>
    key === OPERATION_KEY && value.includes(MEMORY_OPERATION) ? 'inert' : otherwise
  return {
    key,
    speak: (text) => {
      const value = (read === 'unquoted' ? text.replaceAll('"', '') : text).toLowerCase()
      return value === '' ? undefined : (known.get(value) ?? unlisted(value))
    },
  }
}

const firstWord = (text: string): string => {
  const space = text.indexOf(' ')
  return space < 0 ? text : text.slice(0, space)
}

const aiSdkRole = remembering((text): SpanRole | undefined => {
  const operation = firstWord(text)
  return operation.startsWith(AI_OPERATION_PREFIX) ? aiOperationRole(operation) : undefined
})

/** In the order in which they are believed. */
export const ROLE_VOICES: readonly RoleVoice[] = [
  ...SOURCES_BEFORE_AI_SDK.map(voiceOf),
  ...AI_OPERATION_KEYS.map((key) => ({ key, speak: aiSdkRole })),
  ...SOURCES_AFTER_AI_SDK.map(voiceOf),
]
