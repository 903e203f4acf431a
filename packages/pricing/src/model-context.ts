/** What compiling one declaration of a model needs at hand, and the checks that all its parts share. */
import { METER_DEFINITIONS, type Meter, TOKEN_METERS } from '@outlay/core'
import type { AuthoredFile, AuthoredModel } from '#src/authoring-schema.ts'
import { formatInstant } from '#src/instant.ts'
import { type Interval, OPEN_END } from '#src/interval.ts'
import { suggestionFor } from '#src/nearest-word.ts'
import { type PriceBookProblem, type ProblemCode, placeText } from '#src/problem.ts'
import { offSlotProblem } from '#src/slot-edge.ts'
import type { Vocabulary } from '#src/vocabulary.ts'
import type { YamlPath, YamlSource } from '#src/yaml-source.ts'

export interface ModelContext {
  readonly authored: AuthoredModel
  readonly file: AuthoredFile
  readonly source: YamlSource
  /** Where the declaration stands in its file. */
  readonly path: YamlPath
  readonly window: Interval
  readonly vocabulary: Vocabulary
  readonly problems: PriceBookProblem[]
}

export const reportAt = (
  context: ModelContext,
  path: YamlPath,
  problem: { readonly code: ProblemCode; readonly what: string; readonly fix?: string },
): void => {
  context.problems.push({ ...problem, where: placeText(context.source.placeOf([...context.path, ...path])) })
}

export const defaultPerOf = ({ file }: ModelContext, meter: Meter): number => {
  const ofTokens = TOKEN_METERS.includes(meter) ? file.per?.tokens : undefined
  return file.per?.[meter] ?? ofTokens ?? METER_DEFINITIONS[meter].per
}

interface Windowed {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

const checkEdges = (context: ModelContext, item: Windowed, path: YamlPath): void => {
  const { provider, model } = context.authored
  const declared = (context.authored.names?.exact ?? []).map((name) => (typeof name === 'string' ? name : name.name))
  const names = declared.length > 0 ? declared : [model]
  for (const edge of ['from', 'to'] as const) {
    const at = item[edge]
    const problem = at === undefined ? undefined : offSlotProblem(context.vocabulary, { provider, names, at })
    if (problem !== undefined) reportAt(context, [...path, edge], problem)
  }
}

/** The window of the model itself. */
export const modelWindowOf = (authored: AuthoredModel): Interval => ({
  from: authored.from ?? 0,
  to: authored.to ?? OPEN_END,
})

export const checkModelWindow = (context: ModelContext): void => {
  checkEdges(context, context.authored, [])
  if (context.window.from >= context.window.to) {
    reportAt(context, [], { code: 'E_WINDOW', what: 'the model ends before it begins' })
  }
}

/** The window of a sheet or rule: inside its model's, not empty, edges on slots. */
export const windowOf = (context: ModelContext, item: Windowed, path: YamlPath): Interval | undefined => {
  checkEdges(context, item, path)
  const window = { from: item.from ?? context.window.from, to: item.to ?? context.window.to }
  if (window.from >= window.to) {
    reportAt(context, path, { code: 'E_WINDOW', what: 'the window ends before it begins' })
    return undefined
  }
  if (window.from < context.window.from || window.to > context.window.to) {
    reportAt(context, path, {
      code: 'E_WINDOW',
      what: `the window reaches outside that of its model, ${formatInstant(context.window.from)} to ${formatInstant(context.window.to)}`,
    })
    return undefined
  }
  return window
}

/** A source that is listed, a tier and a region that the provider has. */
export const checkReferences = (
  context: ModelContext,
  item: { readonly src: string; readonly tiers: readonly string[]; readonly regions: readonly string[] },
  path: YamlPath,
): void => {
  const { vocabulary, authored } = context
  if (vocabulary.sources[item.src] === undefined) {
    const hint = suggestionFor(item.src, Object.keys(vocabulary.sources))
    reportAt(context, [...path, 'src'], { code: 'E_UNKNOWN_SOURCE', what: `no source "${item.src}"${hint}` })
  }
  const tiers = Object.values(vocabulary.foldings.tiers[authored.provider] ?? {})
  for (const tier of item.tiers.filter((tier) => !tiers.includes(tier))) {
    const what = `no served tier of ${authored.provider} means "${tier}": the price could never be reached`
    reportAt(context, path, { code: 'E_UNKNOWN_TIER', what })
  }
  checkRegions(context, item.regions, path)
}

/** Canonical regions that some raw region of the provider means. */
export const checkRegions = (context: ModelContext, regions: readonly string[], path: YamlPath): void => {
  const { provider } = context.authored
  const known = Object.values(context.vocabulary.foldings.regions[provider] ?? {})
  for (const region of regions.filter((region) => !known.includes(region))) {
    const hint = suggestionFor(region, known)
    reportAt(context, path, { code: 'E_UNKNOWN_REGION', what: `no region of ${provider} means "${region}"${hint}` })
  }
}
