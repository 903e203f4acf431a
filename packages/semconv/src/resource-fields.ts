/** What the resource of a span says about attribution, found in one pass over its attributes. */
import { textOf } from './attribute-values.ts'
import { ATTRIBUTION_FIELDS, ATTRIBUTION_SOURCES } from './attribution-sources.ts'
import type { Attributes } from './evidence.ts'
import { TEXT } from './key-index.ts'

/** By place in `TEXT`, which begins with the fields of attribution; empty = not given. */
export type FieldTexts = readonly string[]

export const NO_FIELDS: FieldTexts = ATTRIBUTION_FIELDS.map(() => '')

interface FieldUse {
  readonly field: number
  /** Position among the keys of the field; lower wins. */
  readonly order: number
}

const buildIndex = (): ReadonlyMap<string, readonly FieldUse[]> => {
  const index = new Map<string, FieldUse[]>()
  for (const field of ATTRIBUTION_FIELDS) {
    for (const [order, key] of ATTRIBUTION_SOURCES[field].resourceKeys.entries()) {
      index.set(key, [...(index.get(key) ?? []), { field: TEXT[field], order }])
    }
  }
  return index
}

const INDEX = buildIndex()

export const fieldsOfResource = (resource: Attributes): FieldTexts => {
  let texts: string[] | undefined
  let orders: number[] | undefined
  for (const key of Object.keys(resource)) {
    const uses = INDEX.get(key)
    const text = uses === undefined ? '' : textOf(resource[key])
    if (uses === undefined || text === '') continue
    texts ??= NO_FIELDS.slice()
    orders ??= []
    for (const { field, order } of uses) {
      if ((orders[field] ?? order) < order) continue
      texts[field] = text
      orders[field] = order
    }
  }
  return texts ?? NO_FIELDS
}
