/** What a schema refused → problems that a person can act on: where, what was found, what would be right. */
import { suggestionFor } from '@outlay/pricing'
import type { z } from 'zod'

export type ValuePath = readonly (string | number)[]

export interface ConfigProblem {
  readonly path: ValuePath
  readonly what: string
  /** The path names a key that should not be there, and not the value behind it. */
  readonly isKey?: boolean
}

/** Kind and size of a value, never the value: it may be a secret in the wrong place. */
export const describeKind = (value: unknown): string => {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'string') return value === '' ? 'an empty text' : `a text of ${value.length} characters`
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`
}

interface Describing {
  /** What was parsed. */
  readonly value: unknown
  readonly describe: (value: unknown, path: ValuePath) => string
  /** Keys that are known at a path, for suggestions. */
  readonly knownKeys: (path: ValuePath) => readonly string[]
}

export const problemsOf = (issues: readonly z.core.$ZodIssue[], describing: Describing): readonly ConfigProblem[] =>
  issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, describing.knownKeys(path))
    const value = valueAt(describing.value, path)
    const near =
      issue.code === 'invalid_value' && typeof value === 'string' ? suggestionFor(value, issue.values.map(String)) : ''
    return [{ path, what: `got ${describing.describe(value, path)}; want ${issue.message}${near}` }]
  })

const unknownKeys = (keys: readonly string[], path: ValuePath, known: readonly string[]): readonly ConfigProblem[] =>
  keys.map((key) => ({
    path: [...path, key],
    isKey: true,
    what: `unknown key${suggestionFor(key, known) || (known.length === 0 ? '' : `; want one of ${known.join(', ')}`)}`,
  }))

const valueAt = (value: unknown, path: ValuePath): unknown => {
  let found = value
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Readonly<Record<string | number, unknown>>)[part]
  }
  return found
}

/** `receivers.otlp.protocols`, `tokens[2].scopes`. */
export const pathText = (path: ValuePath): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
