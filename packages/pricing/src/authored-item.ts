/** Checks one authored value against its schema and reports every problem with its line. */
import { METERS } from '@outlay/core'
import type { z } from 'zod'
import { suggestionFor } from '#src/nearest-word.ts'
import { PROBLEM_CODES, type PriceBookProblem, type ProblemCode, placeText } from '#src/problem.ts'
import type { YamlPath, YamlSource } from '#src/yaml-source.ts'

const PROVENANCE_KEYS = new Set<PropertyKey>(['src', 'grade', 'checked_at', 'sources'])

const isProblemCode = (code: unknown): code is ProblemCode =>
  typeof code === 'string' && Object.hasOwn(PROBLEM_CODES, code)

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )

const EXACT_TEXT_KEYS = new Set<PropertyKey>(['times', 'price'])

/** A number where exact text belongs: a cell, an entry of a cell, a factor. */
const isNumberForText = (path: readonly PropertyKey[], got: unknown): boolean =>
  typeof got === 'number' && (path.includes('cells') || EXACT_TEXT_KEYS.has(path.at(-1) ?? ''))

const codeOf = (issue: z.core.$ZodIssue, got: unknown): ProblemCode => {
  if (issue.code === 'custom' && isProblemCode(issue.params?.['problem'])) return issue.params['problem']
  if (isNumberForText(issue.path, got)) return 'E_NUMBER_NOT_TEXT'
  if (got === undefined && PROVENANCE_KEYS.has(issue.path.at(-1) ?? '')) return 'E_NO_PROVENANCE'
  return 'E_FORMAT'
}

/** The issues of the alternative that came closest: the one that failed deepest inside the value. */
const flatten = (issue: z.core.$ZodIssue): z.core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union') return [issue]
  const alternatives = issue.errors.map((errors) =>
    errors.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] })),
  )
  const reach = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'invalid_type' ? 0 : 0.5)))
  return alternatives.toSorted((a, b) => reach(b) - reach(a))[0] ?? [issue]
}

/** Parses the value at `path`, or reports all that is wrong with it and returns undefined. */
export const parseAuthored = <Schema extends z.ZodType>(
  schema: Schema,
  source: YamlSource,
  path: YamlPath,
  problems: PriceBookProblem[],
): z.output<Schema> | undefined => {
  const value = valueAt(source.value, path)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const knownKeys = 'shape' in schema ? Object.keys(schema.shape as object) : []
  for (const issue of result.error.issues.flatMap(flatten)) {
    const inner = issue.path as YamlPath
    const at = [...path, ...inner]
    if (issue.code === 'unrecognized_keys') {
      const isCells = inner.at(-1) === 'cells'
      for (const key of issue.keys) {
        const hint = suggestionFor(key, isCells ? METERS : inner.length === 0 ? knownKeys : [])
        problems.push({
          code: isCells ? 'E_UNKNOWN_METER' : 'E_UNKNOWN_KEY',
          where: placeText(source.placeOfKey(at, key)),
          what: `no ${isCells ? 'meter' : 'key'} "${key}"${hint}`,
        })
      }
      continue
    }
    const got = valueAt(value, inner)
    const what = issue.code === 'custom' || inner.length === 0 ? issue.message : `${inner.join('.')}: ${issue.message}`
    const nested = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join('; ') : ''
    const code = issue.code === 'invalid_key' && nested.startsWith('no meter') ? 'E_UNKNOWN_METER' : codeOf(issue, got)
    problems.push({ code, where: placeText(source.placeOf(at)), what: nested === '' ? what : nested })
  }
  return undefined
}
