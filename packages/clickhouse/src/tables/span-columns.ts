/** How evidence is written into `spans`: attributes of all types stand in one object until they are bytes. */
import { type MixedValues, mixedMaps } from '#src/native/mixed-maps.ts'
import type { Columns } from '#src/native/native-block.ts'
import { type SpanRow, spansTable } from './ledger-tables.ts'
import { columnsOf } from './table-shape.ts'

const MAPS = {
  strings: 'attributes_string',
  ints: 'attributes_int',
  doubles: 'attributes_double',
  bools: 'attributes_bool',
} as const
type MapName = (typeof MAPS)[keyof typeof MAPS]

/** A row of `spans` that is to be written. Booleans become 0 and 1. */
export type WrittenSpan = Omit<SpanRow, MapName> & { readonly attributes: MixedValues }

const isMap = (name: string): boolean => Object.values<string>(MAPS).includes(name)

export const spanColumns: readonly Columns<WrittenSpan>[] = columnsOf<WrittenSpan>(spansTable).flatMap((each) => {
  const [name = ''] = each.heads.map((head) => head.name)
  if (!isMap(name)) return [each]
  return name === MAPS.strings ? [mixedMaps<WrittenSpan>(MAPS, ({ attributes }) => attributes)] : []
})
