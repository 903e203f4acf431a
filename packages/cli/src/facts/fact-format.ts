import { OutlayError } from '@outlay/core'

export const FACT_FORMATS = ['csv', 'json', 'parquet'] as const
export type FactFormat = (typeof FACT_FORMATS)[number]

const FORMAT_OF_EXTENSION: Readonly<Record<string, FactFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  ndjson: 'json',
  jsonl: 'json',
  parquet: 'parquet',
}

/** By the extension of the name. Fails with `E_FACT_FORMAT` where it says nothing. */
export const formatOfName = (name: string): FactFormat => {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const format = FORMAT_OF_EXTENSION[extension]
  if (format !== undefined) return format
  throw new OutlayError('E_FACT_FORMAT', 'the name of the file does not tell its format', {
    where: name,
    want: Object.keys(FORMAT_OF_EXTENSION)
      .map((known) => `.${known}`)
      .join(', '),
    fix: `add --format ${FACT_FORMATS.join(', ')}`,
  })
}
