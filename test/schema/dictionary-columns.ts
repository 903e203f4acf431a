/**
 * What the columns of dictionaries mean where the table that they are read from has no column of that name. The engine
 * takes no comment on an attribute of a dictionary, so that this list stands for it.
 */
import type { SchemaColumn, SchemaTable } from './read-schema.ts'

const OWN_COLUMNS: Readonly<Record<string, string>> = {
  'band_steps.edges':
    'Figures from which on a verdict holds, ascending; the edge of an upper bound is the next larger number',
  'band_steps.verdicts': 'Verdict that begins at the edge of the same position',
  'meter_prices.key': 'cityHash64 of the vector and the name of the meter',
  'meter_prices.f9': 'Ninths of femto-units of the currency per single unit of the meter; NULL = no price',
  'price_vectors.output_ratio':
    'Output price ÷ input price, what effective tokens count output by; 4 without either price',
  'price_windows.window_last': 'Last second of the window',
}

/** The meaning of a column of a dictionary, or nothing. */
export const commentOfAttribute = (
  dictionary: SchemaTable,
  { name }: SchemaColumn,
  tables: readonly SchemaTable[],
): string => {
  const source = tables.find((table) => table.name === dictionary.of)
  const inherited = source?.columns.find((column) => column.name === name)?.comment
  return OWN_COLUMNS[`${dictionary.name}.${name}`] ?? inherited ?? ''
}
