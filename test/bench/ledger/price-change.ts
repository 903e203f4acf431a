/** How a person's new price enters the book: the one place here that knows the product's function for it. */
import { changePriceBook } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { addToList, cellsOnSheets, priceRowOfQuote } from '@outlay/pricing'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import { SHOWN } from './period.ts'

export interface PriceChange {
  readonly provider: string
  readonly model: string
  /** Unix seconds from which the new price holds: in the middle of what the views show. */
  readonly validFrom: number
  readonly usdPerMtok: string
}

const DAY_SECONDS = 86_400
const DAYS_SHOWN_BEFORE = 15
const CENTS_PER_USD = 100
const FIRST_CENTS = 300

/** A price that differs from every earlier one, also when a loaded directory is used again. */
export const nextPriceChange = async ({ client, database }: BenchLedger): Promise<PriceChange> => {
  const [row] = await rowsOf<{ revision: number }>(
    client,
    `SELECT max(revision) AS revision FROM ${database}.price_revisions`,
  )
  return {
    provider: 'openai',
    model: 'gpt-5.4',
    validFrom: SHOWN.from + DAYS_SHOWN_BEFORE * DAY_SECONDS,
    usdPerMtok: ((FIRST_CENTS + (row?.revision ?? 0)) / CENTS_PER_USD).toFixed(2),
  }
}

/** Records the input price of the standard tier, for prompts below the first threshold. */
export const recordPriceChange = async (
  { client, database, book }: BenchLedger,
  { provider, model, validFrom, usdPerMtok }: PriceChange,
): Promise<void> => {
  const row = priceRowOfQuote(book, {
    provider,
    model,
    region: '',
    tier: 'standard',
    band: 0,
    meter: 'input',
    price: usdPerMtok,
    currency: 'USD',
    validFrom,
    source: 'benchmark',
    sourceUrl: '',
    checkedAt: '2026-11-01',
    grade: 'D',
    note: 'benchmark',
  })
  await changePriceBook(client, database, {
    tables: book,
    change: ({ recorded, latest }) => addToList(recorded, latest, cellsOnSheets(recorded, latest, [row])),
    note: { author: 'benchmark', reason: 'benchmark', kind: 'add', atMs: systemClock.now() },
  })
}
