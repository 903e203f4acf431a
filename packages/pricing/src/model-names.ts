/** The names of models: exact strings with validity, and dated snapshots where a model allows them (spec: pricing §7). */
import type { AuthoredModel } from '#src/authoring-schema.ts'
import type { ModelName } from '#src/book.ts'
import { OPEN_END } from '#src/interval.ts'
import { checkRegions, type ModelContext, reportAt } from '#src/model-context.ts'
import { LIST_CARD } from '#src/price-row.ts'
import { type PriceBookProblem, placeText } from '#src/problem.ts'
import { offSlotProblem } from '#src/slot-edge.ts'
import type { YamlPath } from '#src/yaml-source.ts'

type AuthoredName = NonNullable<NonNullable<AuthoredModel['names']>['exact']>[number]

export interface PlacedName {
  readonly name: ModelName
  readonly where: string
}

const checkName = (context: ModelContext, name: ModelName, path: YamlPath): void => {
  for (const at of [name.validFrom, name.validTo]) {
    const problem = offSlotProblem(context.vocabulary, { provider: name.provider, names: [name.name], at })
    if (problem !== undefined) reportAt(context, path, { ...problem, what: `${name.name}: ${problem.what}` })
  }
  if (name.validFrom >= name.validTo) {
    reportAt(context, path, { code: 'E_WINDOW', what: `the name ${name.name} ends before it begins` })
  }
  if (name.region !== '') checkRegions(context, [name.region], path)
}

const exactNameOf = ({ authored: { provider, model }, file }: ModelContext, authored: AuthoredName): ModelName => {
  const entry = typeof authored === 'string' ? { name: authored } : authored
  const { from = 0, to = OPEN_END, region = '', name } = { from: undefined, to: undefined, region: undefined, ...entry }
  return { card: file.card ?? LIST_CARD, provider, name, rule: 'exact', model, region, validFrom: from, validTo: to }
}

/** All names that one declaration gives to its model. */
export const readNames = (context: ModelContext): PlacedName[] => {
  const { authored, source, path } = context
  const exact = (authored.names?.exact ?? []).map((entry, index): PlacedName => {
    const at = ['names', 'exact', index]
    const name = exactNameOf(context, entry)
    checkName(context, name, at)
    return { name, where: placeText(source.placeOf([...path, ...at])) }
  })
  const rule = authored.names?.snapshot
  if (rule === undefined) return exact
  const { provider, model } = authored
  const validity = { validFrom: 0, validTo: OPEN_END }
  const card = context.file.card ?? LIST_CARD
  const snapshot: ModelName = { card, provider, name: model, rule, model, region: '', ...validity }
  return [...exact, { name: snapshot, where: placeText(source.placeOf([...path, 'names', 'snapshot'])) }]
}

const nameKeyOf = ({ card, provider, name, rule }: ModelName): string => [card, provider, name, rule].join('\u0000')

const compareNames = (a: ModelName, b: ModelName): number => {
  const [left, right] = [nameKeyOf(a), nameKeyOf(b)]
  return left < right ? -1 : left > right ? 1 : a.validFrom - b.validFrom
}

/** In the one order of names; a name that means two things at one time is refused. */
export const mergeNames = (placed: readonly PlacedName[], problems: PriceBookProblem[]): ModelName[] => {
  const sorted = placed.toSorted((a, b) => compareNames(a.name, b.name))
  for (const [index, { name, where }] of sorted.entries()) {
    const before = sorted[index - 1]
    if (before === undefined || nameKeyOf(before.name) !== nameKeyOf(name)) continue
    if (before.name.validTo <= name.validFrom) continue
    const what = `"${name.name}" already means ${before.name.model} (${before.where}) at that time`
    problems.push({ code: 'E_NAME_CLASH', where, what, fix: 'give one of them a `to`' })
  }
  return sorted.map(({ name }) => name)
}
