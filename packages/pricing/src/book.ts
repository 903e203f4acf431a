/** What a price book is, whether compiled from YAML or read back from the database. */
import type { Interval } from '#src/interval.ts'
import type { PriceRow, Sheet } from '#src/price-row.ts'

/** How an exact name or a dated snapshot of it finds its model. Nothing is ever matched by prefix. */
export type NameRule = 'exact' | 'yyyymmdd' | 'yyyy-mm-dd'

/** A raw name that means a model in a window of time. */
export interface ModelName {
  readonly card: string
  /** Who bills. */
  readonly provider: string
  /** The exact name; for a snapshot rule the part before `-20260101` or `-2026-01-01`. */
  readonly name: string
  readonly rule: NameRule
  /** Canonical model. */
  readonly model: string
  /** Canonical region that the name itself stands for; `''` where it says nothing. */
  readonly region: string
  readonly validFrom: number
  readonly validTo: number
}

/** Long-context thresholds of a sheet in a window of time. A sheet without an entry has one band. */
export interface SheetBands extends Sheet {
  /** Ascending token counts; the price moves strictly above each. */
  readonly gt: readonly number[]
  readonly validFrom: number
  readonly validTo: number
}

/** Who bills for a host, and the raw region that the host itself stands for. */
export interface HostBiller {
  readonly provider: string
  readonly region: string
}

/** Raw spellings → canonical ones. Keys are lower case. */
export interface Foldings {
  readonly providers: Readonly<Record<string, string>>
  /** Host names; `*` stands for one or more characters other than a dot. */
  readonly hosts: Readonly<Record<string, HostBiller>>
  /** Provider ids that forward calls and send no invoice: a `vendor/model` name says who bills. */
  readonly proxies: readonly string[]
  readonly tiers: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly regions: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** An instant inside a slot from which calls of a raw model carry a slot of their own. */
export interface SlotSplit {
  /** Who bills. */
  readonly provider: string
  /** As telemetry spells it, wrappers and dated snapshots of it included. */
  readonly model: string
  /** Unix seconds. */
  readonly at: number
}

/** Everything that pricing needs; may be built from database rows. */
export interface BookData {
  readonly rows: readonly PriceRow[]
  readonly names: readonly ModelName[]
  readonly bands: readonly SheetBands[]
  /** Append-only token counts; the index is what a call stores as `prompt_band`. Index 0 is "none exceeded". */
  readonly bandEdges: readonly number[]
  /** Since when calls are cut at each edge: unix seconds, by index. Absent = always. */
  readonly edgesActiveFrom?: readonly number[]
  /** Where slots of single models are cut. Absent = nowhere. */
  readonly slotSplits?: readonly SlotSplit[]
  readonly foldings: Foldings
  /**
   * Whose book this is (`list`, `tenant:acme`), once `flattenBook` has laid its cards over each other. Without it only
   * the list is asked, whatever other cards the book holds.
   */
  readonly scope?: string
}

/** Tables without revisions: they decide what a call is stored as. Edges and splits are append-only. */
export type BookTables = Pick<BookData, 'bandEdges' | 'edgesActiveFrom' | 'slotSplits' | 'foldings'>

/** Only the tables of something that holds them. */
export const tablesOf = ({ bandEdges, edgesActiveFrom, slotSplits, foldings }: BookTables): BookTables => ({
  bandEdges,
  foldings,
  ...(edgesActiveFrom === undefined ? {} : { edgesActiveFrom }),
  ...(slotSplits === undefined ? {} : { slotSplits }),
})

/** A fact that its author wants looked at again after a day: "at least through …" is no end. */
export interface BookReview extends Omit<Sheet, 'card' | 'region'> {
  /** Canonical regions; empty for the sheet itself. */
  readonly regions: readonly string[]
  /** A day. */
  readonly after: string
}

/** The last instant for which the holidays of a calendar are known, unix seconds. */
export interface CalendarHorizon {
  readonly calendar: string
  readonly horizon: number
}

export interface CompiledBook extends BookData {
  /** Day of the edition, `2026-11-21`. */
  readonly edition: string
  readonly reviews: readonly BookReview[]
  readonly horizons: readonly CalendarHorizon[]
}

export const validityOf = (entry: { readonly validFrom: number; readonly validTo: number }): Interval => ({
  from: entry.validFrom,
  to: entry.validTo,
})
