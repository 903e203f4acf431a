import { DENIED_FUNCTIONS } from './denied-functions.ts'
import { REVIEWED_FUNCTIONS } from './reviewed-functions.ts'

const lowered = (names: readonly string[]): string[] => names.map((name) => name.toLowerCase())

const denied = new Set(lowered(Object.values(DENIED_FUNCTIONS).flat()))

/** Names that the parser or the analyser produces and `system.functions` does not list. */
const SYNTAX_FUNCTIONS = ['lambda', 'grouping', 'exists', 'untuple']

/** Table functions that only make rows out of their arguments. `view(SELECT …)` is checked as the SELECT it holds. */
const TABLE_FUNCTIONS = ['numbers', 'numbers_mt', 'generate_series', 'generateseries', 'values', 'view', 'null']

const allowed = new Set(
  [...lowered(REVIEWED_FUNCTIONS), ...SYNTAX_FUNCTIONS, ...TABLE_FUNCTIONS].filter((name) => !denied.has(name)),
)

const COMBINATORS =
  /(If|Array|Map|SimpleState|State|Merge|MergeState|ForEach|Distinct|OrDefault|OrNull|Resample|ArgMin|ArgMax|Null)$/

/** Some names are case insensitive in the engine, so all are here. */
export const isDeniedFunction = (name: string): boolean => name.startsWith('__') || denied.has(name.toLowerCase())

/**
 * A reviewed function, or a reviewed aggregate with combinators (`sumIf`, `quantilesExactMergeState`).
 * One list serves scalar and table position alike: no name on it is harmful in either.
 */
export const isAllowedFunction = (name: string): boolean => {
  if (isDeniedFunction(name)) return false
  if (allowed.has(name.toLowerCase())) return true
  const base = name.replace(COMBINATORS, '')
  return base !== name && base !== '' && isAllowedFunction(base)
}
