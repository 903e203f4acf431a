/** `deploy/config/bands.yaml`: the shipped bands as a file that a person can read, copy and change. */
import { BANDS, type BandStep } from '@outlay/clickhouse'
import { Document, type YAMLMap, type YAMLSeq } from 'yaml'

const HEADER = ` Bands of the KPIs: the verdict that holds from each edge on. Generated from the product's own list by
 \`npm run generate\`; a test fails when the two differ. To change bands, copy this file, keep what you change, and load
 the copy with \`outlay up --bands FILE\` or \`outlay migrate --bands FILE\`.
   (no edge)  below the first edge
   from: x    at x and above
   above: x   above x; x itself still belongs to the verdict before`

const stepOf = ({ lower, strict, verdict }: BandStep, index: number): Record<string, number | string> => {
  if (index === 0) return { verdict }
  return strict ? { above: lower, verdict } : { from: lower, verdict }
}

export const renderBandsFile = (): string => {
  const bands = Object.fromEntries(
    Object.entries(BANDS).map(([id, steps]) => [id, (steps as readonly BandStep[]).map(stepOf)]),
  )
  const document = new Document({ bands })
  document.commentBefore = HEADER
  for (const { value } of (document.get('bands') as YAMLMap<unknown, YAMLSeq<YAMLMap>>).items) {
    for (const step of value?.items ?? []) step.flow = true
  }
  return document.toString({ lineWidth: 0 })
}
