/** Compiled windows ↔ rows of `price_window_rows`: prices per book and sku, and the book of each tenant. */
import { METERS } from '@outlay/core'
import { OPEN_END, type PriceWindow } from '@outlay/pricing'
import type { WindowRow } from '#src/tables/price-tables.ts'
import { NO_PRICES, vectorOf } from './price-vectors.ts'

type PriceColumns = Pick<WindowRow, Extract<keyof WindowRow, `f_${string}`>>

const priceColumns = (fusd: PriceWindow['fusd']): PriceColumns =>
  Object.fromEntries(METERS.map((meter) => [`f_${meter}`, fusd[meter] ?? null])) as PriceColumns

const isForeign = ({ currency }: PriceWindow): boolean => currency !== '' && currency !== 'USD'

const rowOf = (window: PriceWindow, fusd: PriceWindow['fusd'], ownCurrency: 0 | 1): WindowRow => {
  const prices = {
    ...priceColumns(fusd),
    n_audio_second: isForeign(window) && ownCurrency === 0 ? 0 : window.ninthsAudioSecond,
    n_container_second: isForeign(window) && ownCurrency === 0 ? 0 : window.ninthsContainerSecond,
  }
  return {
    book: window.book,
    tenant: '',
    scoped_book: '',
    sku: window.sku,
    own_currency: ownCurrency,
    window_from: window.from,
    window_to: window.to,
    state: window.state,
    currency: window.currency,
    provider: window.provider,
    model: window.model,
    region: window.region,
    tier: window.tier,
    ...prices,
    vector: vectorOf(prices),
  }
}

/**
 * Views add up dollars: to them a sheet in another currency has no price. Its amounts stand beside, in their own
 * currency, under keys of their own.
 */
export const windowRowsOf = (window: PriceWindow): WindowRow[] =>
  isForeign(window) ? [rowOf(window, {}, 0), rowOf(window, window.fusd, 1)] : [rowOf(window, window.fusd, 0)]

/** Says by which compiled book a tenant is priced when a view asks for `book`. */
export const tenantRowOf = (book: string, tenant: string, scopedBook: string): WindowRow => ({
  book,
  tenant,
  scoped_book: scopedBook,
  sku: 0n,
  own_currency: 0,
  window_from: 0,
  window_to: OPEN_END,
  state: '',
  currency: '',
  provider: '',
  model: '',
  region: '',
  tier: '',
  ...priceColumns({}),
  n_audio_second: 0,
  n_container_second: 0,
  vector: NO_PRICES,
})
