/** Dialect rules in words: for the reference page and for whoever asks why a call was read as it was. */
import type { DialectRule, RuleMarker, RuleMatch, RuleMeaning } from './dialect-rule.ts'
import { DIALECT_RULES } from './dialect-rules.ts'

/** The rule `id@rev`; undefined where the table has no such revision any more. */
export const ruleNamed = (ruleId: string, rules: readonly DialectRule[] = DIALECT_RULES): DialectRule | undefined =>
  rules.find(({ id, rev }) => `${id}@${rev}` === ruleId)

const cacheText = ({ cache, exclusiveProviders = [] }: RuleMeaning): string => {
  if (cache === 'included') return 'input contains cache reads and writes'
  if (cache === 'excluded') return 'input does not contain cache reads and writes'
  if (cache === 'unknown') return 'whether input contains caches is not known: the numbers of each span decide'
  return `input does not contain caches where ${exclusiveProviders.join(' or ')} answers, and does elsewhere`
}

const REASONING: Readonly<Record<RuleMeaning['reasoning'], string>> = {
  included: 'output contains reasoning',
  excluded: 'output does not contain reasoning',
  unknown: 'whether output contains reasoning is not known',
}

/** What the numbers of an emitter mean, one statement each. */
export const describeMeaning = (meaning: RuleMeaning): readonly string[] => [
  cacheText(meaning),
  REASONING[meaning.reasoning],
  ...(meaning.usage === 'estimated' ? ['counts are estimates'] : []),
  ...(meaning.zeroCacheUnproven === true ? ['a cache count of 0 is a default and proves nothing'] : []),
  ...(meaning.assumed === true ? ['this is a guess, and what it decides is flagged'] : []),
]

const spaced = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

const valueTexts = (values: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(values).map(([key, wanted]) => `\`${key}\` = ${quoted(wanted)}`)

const markerText = ({ keys = [], values = {}, names = [], and = {} }: RuleMarker): string => {
  const alternatives = [
    ...(keys.length === 0 ? [] : [`${keys.length > 1 ? 'one of the attributes' : 'attribute'} ${quoted(keys)}`]),
    ...valueTexts(values),
    ...(names.length === 0 ? [] : [`span name ${quoted(names)}`]),
  ]
  return [alternatives.join(' or '), ...valueTexts(and)].join(' and ')
}

const matchText = ({ scopes, scopeVersion, marker, meaning }: RuleMatch): string => {
  const conditions = [
    ...(scopes === undefined ? [] : [`scope ${quoted(scopes)}`]),
    ...(scopeVersion === undefined ? [] : [`version \`${scopeVersion}…\``]),
    ...(marker === undefined ? [] : [markerText(marker)]),
  ]
  const text = conditions.length === 0 ? 'any span' : conditions.join(' and ')
  return meaning === undefined ? text : `${text} (then: ${describeMeaning(meaning).join('; ')})`
}

/** Which spans the rule reads: one text per alternative. */
export const describeMatch = ({ match }: DialectRule): readonly string[] => match.map(matchText)

/** What the rule says beyond the general tables. */
export const describeOverrides = ({ overrides = {} }: DialectRule): readonly string[] => {
  const { leaf, aliases = {}, requestModelKeys = [], parts = [] } = overrides
  return [
    ...(leaf?.names ?? []).map(({ name, role }) => `span \`${name}\` is ${role.replaceAll('_', ' ')}`),
    ...(leaf?.neverPromote === true ? ['an aggregate is never billed in place of its calls'] : []),
    ...Object.entries(aliases).map(([counter, keys]) => `${spaced(counter)} also from ${quoted(keys)}`),
    ...(requestModelKeys.length === 0 ? [] : [`request model also from ${quoted(requestModelKeys)}`]),
    ...parts.map(({ part, inputKey, outputKey }) => `own row \`${part}\` from ${quoted([inputKey, outputKey])}`),
  ]
}
