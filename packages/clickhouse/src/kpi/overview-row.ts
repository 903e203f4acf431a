/** One line of `kpi_overview` as the client reads it. What each column means: `views/beside.ts`. */
export interface OverviewRow {
  /** 1 to 8; 64-bit integers arrive as text. */
  readonly kpi: string
  readonly name: string
  readonly title: string
  /** Headline figure as a float, for display; NULL where it has no value. */
  readonly headline: number | null
  /** The same figure as exact decimal text, where it is money. */
  readonly headline_usd: string | null
  readonly unit: 'usd' | 'ratio'
  readonly meaning: string
  readonly band: string
  readonly band_of: string
  readonly lever: string
  readonly unpriced_calls: string
  readonly priced_share: number | null
}
