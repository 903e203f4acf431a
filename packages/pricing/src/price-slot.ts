/** Which instant prices a call (spec: pricing §6): the start of its slot, or of the part of it that a split cuts off. */
import { slotStartOf } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { nameFormsOf } from '#src/model-name-forms.ts'
import type { SkuParts } from '#src/sku.ts'

const MS_PER_SECOND = 1_000
const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/

const nameKeyOf = (provider: string, name: string): string => `${provider}\u0000${name}`

/**
 * Instants at which calls of a sku are cut. A split concerns every reading of a raw name: as it came, with wrappers taken
 * off, and without the date of a snapshot. One cut too many costs a row of a view; one too few would cost a wrong price.
 */
export const splitsOf = (
  parts: SkuParts,
  { foldings, slotSplits = [] }: Pick<BookData, 'foldings' | 'slotSplits'>,
): readonly number[] => {
  if (slotSplits.length === 0) return []
  const names = new Set(
    nameFormsOf(parts, foldings).flatMap(({ provider, name }) => [
      nameKeyOf(provider, name),
      nameKeyOf(provider, name.replace(SNAPSHOT, '')),
    ]),
  )
  return slotSplits.filter(({ provider, model }) => names.has(nameKeyOf(provider, model))).map(({ at }) => at)
}

/**
 * The slot that prices a call which started at `startMs`: the latest split at or before it in its 30-minute UTC slot, or
 * the start of that slot. Unix seconds.
 */
export const priceSlotOf = (startMs: number, splits: readonly number[] = []): number => {
  const start = Math.floor(startMs / MS_PER_SECOND)
  return splits.reduce((slot, at) => (slot < at && at <= start ? at : slot), slotStartOf(start))
}
