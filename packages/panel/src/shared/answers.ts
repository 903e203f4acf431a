/** What the panel's server answers and its pages read: the one shape both sides are compiled against. */

/** How a figure is shown. */
export type Unit =
  /** Exact dollars as decimal text. */
  | 'usd'
  /** Exact decimal text in a currency that another column names. */
  | 'amount'
  /** 0 to 1, shown as percent. */
  | 'share'
  /** A plain float: p95 ÷ p50, Gini. */
  | 'ratio'
  | 'count'
  | 'tokens'
  | 'seconds'
  | 'verdict'
  | 'date'
  | 'instant'
  /** 1 or 0: yes or no. */
  | 'flag'
  | 'text'

/** 64-bit integers and money are exact text, other figures are numbers. */
export type Cell = string | number | null

export interface Figure {
  readonly unit: Unit
  readonly value: Cell
  /** Why it is null: `no price`, `no revenue`, `no data`. Set where it is; it is never 0 instead. */
  readonly reason?: string
}

/** Every window is half open, [from, to), in ISO 8601, UTC. */
export interface Window {
  readonly database: string
  /** Databases that this panel serves. */
  readonly databases: readonly string[]
  readonly from: string
  readonly to: string
  readonly book: string
}

export interface SeriesPoint {
  /** `2026-11-21` */
  readonly day: string
  readonly value: number | null
}

export interface Tile {
  readonly kpi: number
  /** Name in the address: `/kpi/task_cost`. */
  readonly name: string
  readonly title: string
  readonly headline: Figure
  readonly meaning: string
  readonly band: string
  readonly band_of: string
  readonly lever: string
  readonly unpriced_calls: string
  readonly priced_share: number | null
  /** True where the figure is of the calendar month up to the end of the window. */
  readonly calendar: boolean
}

/** The headline figures of the window of equal length before, by the name of their KPI. */
export interface Before extends Window {
  readonly headlines: Readonly<Record<string, Figure>>
}

/** What happened on each day of the window to the headline figure of a KPI, or to what it is made of. */
export interface Course {
  readonly title: string
  readonly unit: Unit
  /** Every day; null where there is no figure. */
  readonly points: readonly SeriesPoint[]
}

/** By the number of their KPI. */
export interface Courses extends Window {
  readonly courses: Readonly<Record<string, Course>>
}

export interface HeadlineFigure extends Figure {
  readonly name: string
  readonly label: string
  readonly description: string
  /** Verdict where the figure has one. */
  readonly band?: string
  /** A count beside it, such as calls without a price. */
  readonly beside?: { readonly count: string; readonly of: string }
  /** Page with the rows behind it. */
  readonly page?: string
}

/** A page of the panel that shows one view. */
export interface ViewPage {
  readonly name: string
  readonly title: string
  readonly question: string
  /** Number of the KPI that it belongs to; null beside the eight. */
  readonly kpi: number | null
}

export interface Overview extends Window {
  readonly tiles: readonly Tile[]
  readonly figures: readonly HeadlineFigure[]
  readonly calls: string
  /** Every view that has a page. */
  readonly pages: readonly ViewPage[]
}

export interface Column {
  readonly name: string
  readonly label: string
  readonly unit: Unit
  readonly description: string
  /** What NULL means. */
  readonly empty: string
}

export interface TableRow {
  readonly cells: Readonly<Record<string, Cell>>
  /** One for each cell that is null. */
  readonly reasons: Readonly<Record<string, string>>
}

export interface KpiTable extends Window {
  readonly page: ViewPage
  /** Other views of the same KPI. */
  readonly related: readonly ViewPage[]
  /** The view shows the calendar month up to the end of the window. */
  readonly calendar: boolean
  /** What `by` may be, and what it is; empty where the view has no `by`. */
  readonly by: string
  readonly by_choices: readonly string[]
  /** Filters that apply, with the values that were chosen. */
  readonly filters: Readonly<Record<string, readonly string[]>>
  readonly columns: readonly Column[]
  readonly rows: readonly TableRow[]
  /** Rows of the view; more than there are in `rows` where it has too many for a page. */
  readonly rows_total: number
  /** Column by which the rows were chosen and stand. */
  readonly rows_by: string
}

/** What the API answers where it cannot answer the question. */
export interface Refusal {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly got?: string
    readonly want?: string
  }
}
