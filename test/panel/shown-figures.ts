/** What a person reads on a page, and what SQL and the command say in the same words. */
import type { Verdict } from '@outlay/clickhouse'
import { displayUsd, parseUsd } from '@outlay/core'
import type { Page } from 'playwright-core'

export interface KpiLine {
  readonly name: string
  readonly title: string
  readonly headline: number | null
  readonly headline_usd: string | null
  readonly unit: 'usd' | 'ratio'
  readonly band: Verdict
  readonly unpriced_calls: string
  readonly priced_share: number | null
}

export const WORDS: Readonly<Record<Verdict, string>> = {
  ok: 'healthy',
  watch: 'watch',
  warn: 'warn',
  act: 'act',
  low: 'too low',
  none: 'no band',
}
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
export const shownHeadline = ({ unit, headline, headline_usd: usd }: KpiLine): string => {
  if (unit === 'usd') return usd === null ? 'no data' : displayUsd(parseUsd(usd))
  return headline === null ? 'no data' : percent(headline)
}

export const shownCoverage = ({ unpriced_calls: unpriced, priced_share: share }: KpiLine): string =>
  unpriced === '0' || share === null ? '' : `${percent(share)}, ${unpriced} charges not`

/** Every row of the table on the page: text by column. */
export const readShownRows = (page: Page): Promise<readonly Record<string, string>[]> =>
  page
    .locator('.table-scroll tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        Object.fromEntries(
          [...row.children].map((cell) => [cell.getAttribute('data-column') ?? '', cell.textContent?.trim() ?? '']),
        ),
      ),
    )

/** A cell as a person reads it, told from its SQL text alone. */
export const asShown = (column: string, value: string | number | null): string => {
  if (value === null) return '(a reason)'
  const text = String(value)
  if (/(^|_)band$/.test(column)) return WORDS[text as Verdict]
  if (text === '') return 'none'
  if (typeof value === 'string' && (column.endsWith('_usd') || column.startsWith('cost_per_')))
    return displayUsd(parseUsd(text))
  if (typeof value === 'string' && /^\d+$/.test(text)) return text.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return typeof value === 'number' ? '(a float)' : text
}

export const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1)
export const inOrder = (rows: readonly Record<string, string>[]): readonly string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).toSorted(byText))).toSorted(byText)

/** Floats are shown as shares or ratios: here it counts that they are there; the tiles compare them digit by digit. */
export const comparable = (shown: Record<string, string>, row: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(shown).map(([column, text]) => {
      const value = row[column]
      if (value === null && /^[A-Za-z ]+$/.test(text)) return [column, '(a reason)']
      return [column, typeof value === 'number' && /^-?[\d,.]+( %)?$/.test(text) ? '(a float)' : text]
    }),
  )
