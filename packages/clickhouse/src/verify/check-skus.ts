/** The list of skus: everything that the ledger names is listed with what it sums, and every id is that of its parts. */
import { skuIdOf } from '@outlay/pricing'
import { readStoredSkus } from '#src/prices/stored-skus.ts'
import { readCounterFeeds } from '#src/schema/counter-feeds.ts'
import { lookAtFeed } from './check-counters.ts'
import { keyed, type Look, mergeLooks } from './finding.ts'
import type { LedgerSource } from './ledger-range.ts'

/** Of the whole ledger, whatever its range: the list has no time. */
export const lookAtSkus = async (source: LedgerSource): Promise<Look> => {
  const feeds = (await readCounterFeeds(source.client, source.database)).filter(({ cutBy }) => cutBy === undefined)
  const listed = await readStoredSkus(source.client, source.database)
  const wrong = listed.flatMap(({ sku, prompt_band, ...parts }) => {
    const want = skuIdOf({ ...parts, promptBand: prompt_band }).toString()
    if (want === sku) return []
    return keyed({
      check: 'skus',
      what: 'a sku is not the digest of its parts',
      where: { table: 'skus', sku, ...parts, prompt_band: String(prompt_band) },
      got: sku,
      want,
      fix: 'the row was changed after it was posted: restore the ledger from a backup, or post its calls again with `outlay rebuild`',
    })
  })
  const looks: Look[] = [{ checked: { skus: listed.length }, found: wrong.length, listed: wrong }]
  for (const feed of feeds) looks.push(await lookAtFeed(source, feed, ['1']))
  return mergeLooks(looks)
}
