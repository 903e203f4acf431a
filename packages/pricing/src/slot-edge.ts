/** Where a price or a name may change (spec: pricing §6): at a slot start, or where the calls concerned are cut. */
import type { BookData, ModelName } from '#src/book.ts'
import { formatInstant } from '#src/instant.ts'
import { isSlotStart } from '#src/interval.ts'
import type { PriceBookProblem } from '#src/problem.ts'

interface ModelId {
  readonly provider: string
  readonly model: string
}

/** Every raw name that may mean a model at any time; its canonical id where no name is known. */
export const rawNamesOf = (names: readonly ModelName[], { provider, model }: ModelId): readonly string[] => {
  const known = names.filter((entry) => entry.provider === provider && entry.model === model).map(({ name }) => name)
  return known.length > 0 ? [...new Set(known)] : [model]
}

/**
 * What is wrong with an edge: inside a slot it is exact only where calls of each raw name are cut at that very instant.
 * Undefined where nothing is.
 */
export const offSlotProblem = (
  { slotSplits = [] }: Pick<BookData, 'slotSplits'>,
  { provider, names, at }: { readonly provider: string; readonly names: readonly string[]; readonly at: number },
): Pick<PriceBookProblem, 'code' | 'what' | 'fix'> | undefined => {
  if (isSlotStart(at)) return undefined
  const cut = new Set(
    slotSplits.filter((split) => split.provider === provider && split.at === at).map(({ model }) => model),
  )
  const missing = names.filter((name) => !cut.has(name))
  if (missing.length === 0) return undefined
  const commands = missing.map((name) => `outlay prices add --slot-edge '${provider}/${name}@${formatInstant(at)}'`)
  return { code: 'E_OFF_SLOT', what: `${formatInstant(at)} lies inside a 30-minute slot`, fix: commands.join('; ') }
}
