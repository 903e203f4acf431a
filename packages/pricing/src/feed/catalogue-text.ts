/** Models of a catalogue → a file of the authoring format: one line per sheet, so that an update reads as a diff. */
import type { CatalogueModel, CatalogueName, CatalogueSheet } from '#src/feed/catalogue-model.ts'

interface CatalogueHead {
  readonly edition: string
  /** The key in `sources` that every cell names. */
  readonly source: string
  readonly url: string
  readonly checkedAt: string
}

const nameOf = (entry: CatalogueName): string | CatalogueName =>
  entry.from === undefined && entry.to === undefined ? entry.name : entry

const sheetLine = ({ grade, cells, ...sheet }: CatalogueSheet, source: string): string =>
  `  - ${JSON.stringify({ tier: 'standard', ...sheet, src: source, grade, cells })}`

const modelLines = (model: CatalogueModel, source: string): string[] => {
  const names = {
    exact: model.exact.map(nameOf),
    ...(model.snapshot === undefined ? {} : { snapshot: model.snapshot }),
  }
  const derive = model.derive.map((rule) => `  - ${JSON.stringify({ ...rule, src: source })}`)
  return [
    `- provider: ${JSON.stringify(model.provider)}`,
    `  model: ${JSON.stringify(model.model)}`,
    `  names: ${JSON.stringify(names)}`,
    ...(Object.keys(model.inherit).length === 0 ? [] : [`  inherit: ${JSON.stringify(model.inherit)}`]),
    '  sheets:',
    ...model.sheets.map((sheet) => sheetLine(sheet, source)),
    ...(derive.length === 0 ? [] : ['  derive:', ...derive]),
  ]
}

/** The text of a catalogue file. It gives way to every other file: see `layer` in the authoring format. */
export const catalogueText = (models: readonly CatalogueModel[], head: CatalogueHead): string => {
  const sorted = models
    .filter(({ exact, snapshot }) => exact.length > 0 || snapshot !== undefined)
    .toSorted((a, b) => (`${a.provider}\u0000${a.model}` < `${b.provider}\u0000${b.model}` ? -1 : 1))
  const page = { url: head.url, checked_at: head.checkedAt }
  return [
    `# Written by scripts/import-catalogue.ts from ${head.source}; corrections belong there, better facts into another file.`,
    'format: outlay-prices/1',
    `edition: "${head.edition}"`,
    'currency: USD',
    'layer: catalogue',
    'sources:',
    `  ${JSON.stringify(head.source)}: ${JSON.stringify(page)}`,
    'models:',
    ...sorted.flatMap((model) => modelLines(model, head.source)),
    '',
  ].join('\n')
}
