/** A model of a public catalogue on its way into the authoring format. */
import type { Meter } from '@outlay/core'
import type { NameRule } from '#src/book.ts'
import type { Grade } from '#src/price-row.ts'

export interface CatalogueName {
  readonly name: string
  /** A date. */
  readonly from?: string
  readonly to?: string
}

export interface CatalogueSheet {
  readonly region?: string
  readonly from?: string
  readonly to?: string
  readonly gt?: readonly number[]
  readonly grade: Grade
  readonly note?: string
  readonly cells: { readonly [meter in Meter]?: string | readonly string[] }
}

export interface CatalogueRule {
  readonly regions: readonly string[]
  readonly times: string
  readonly grade: Grade
  readonly note?: string
}

export interface CatalogueModel {
  readonly provider: string
  readonly model: string
  readonly exact: readonly CatalogueName[]
  readonly snapshot?: Exclude<NameRule, 'exact'>
  readonly inherit: { readonly [meter in Meter]?: Meter }
  readonly sheets: readonly CatalogueSheet[]
  readonly derive: readonly CatalogueRule[]
  /** Day on which the catalogue says that it looked at the prices. */
  readonly checkedAt?: string
}

/** Replaces the cells of every sheet of a model. */
export const mapCells = (
  model: CatalogueModel,
  change: (cells: CatalogueSheet['cells'], sheet: CatalogueSheet) => CatalogueSheet['cells'],
): CatalogueModel => ({
  ...model,
  sheets: model.sheets.map((sheet) => ({ ...sheet, cells: change(sheet.cells, sheet) })),
})
