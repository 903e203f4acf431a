/** The books of a database, read once, as look-ups of unit prices: which book a name and a tenant mean. */
import { type ClickHouseClient, pricedAs, readStoredBooks, scopedBooks } from '@outlay/clickhouse'
import { type BookTables, skuIdOf } from '@outlay/pricing'
import { type PriceLookup, type UnitPrices, unitPricesIn } from './price-calls.ts'

/** By the name that views ask for; a name that no book has prices nothing. */
export type PriceBooks = (name: string) => PriceLookup

const NOTHING: UnitPrices = new Map()

export const readPriceBooks = async (
  client: ClickHouseClient,
  database: string,
  tables: BookTables,
): Promise<PriceBooks> => {
  const stored = await readStoredBooks(client, database, tables)
  const lookups = new Map(
    stored.map((book): [string, PriceLookup] => {
      const scopes = scopedBooks(book)
      const known = new Map<string, UnitPrices>()
      const lookup: PriceLookup = (tenant, parts, slot) => {
        const scope = scopes.find(({ tenants }) => tenant !== undefined && tenants.includes(tenant)) ?? scopes[0]
        if (scope === undefined) return NOTHING
        const sku = skuIdOf(parts)
        const key = `${scope.name} ${sku} ${slot}`
        const prices = known.get(key) ?? unitPricesIn(scope.book, pricedAs(book, { ...parts, sku }), slot)
        known.set(key, prices)
        return prices
      }
      return [book.name, lookup]
    }),
  )
  return (name) => lookups.get(name) ?? (() => NOTHING)
}
