/** Appends edges of prompt bands. Nothing is ever changed or removed: calls store the index. */
import type { ClickHouseClient } from '@clickhouse/client'
import { limits, OutlayError, SLOT_SECONDS } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { bandEdgesTable } from '#src/tables/price-tables.ts'
import { whileBookIsLocked } from './book-lock.ts'
import { readLedgerTables } from './ledger-tables.ts'

interface Appended {
  readonly author: string
  readonly reason: string
  readonly atMs: number
}

const MS_PER_SECOND = 1_000

/** The first load of an empty table: these edges have always been there. */
const seedBandEdges = async (
  client: ClickHouseClient,
  database: string,
  edges: readonly number[],
  { author, reason, atMs }: Appended,
): Promise<void> => {
  const present = await readRows(client, database, bandEdgesTable, { where: '1' })
  if (present.length > 0) return
  const added = { active_from: 0, added_at: BigInt(atMs), author, reason }
  await writeRows(client, database, bandEdgesTable, {
    rows: edges.map((tokens, index) => ({ index, tokens, ...added })),
    token: `band-edges:${edges.join()}`,
  })
}

/**
 * Loads the packaged edges where there are none; those that the table lacks are appended, and calls are cut at them from
 * now on. Fails with `E_PRICE_BOOK_BUSY` where one must be appended while the book is being changed.
 */
export const loadBandEdges = async (
  client: ClickHouseClient,
  database: string,
  packaged: BookTables,
  note: Appended,
): Promise<void> => {
  await seedBandEdges(client, database, packaged.bandEdges, note)
  const { bandEdges } = await readLedgerTables(client, database, packaged)
  for (const tokens of packaged.bandEdges.filter((edge) => !bandEdges.includes(edge))) {
    const activeFrom = nextSlotStart(note.atMs)
    await addBandEdge(client, database, packaged, { ...note, tokens, activeFrom })
  }
}

const nextSlotStart = (atMs: number): number => Math.ceil(atMs / MS_PER_SECOND / SLOT_SECONDS) * SLOT_SECONDS

export interface NewBandEdge extends Appended {
  readonly tokens: number
  /** Unix seconds, a slot start. */
  readonly activeFrom: number
}

/**
 * Appends an edge, or makes one that is there hold from an earlier time on. Answers whether anything had to be written.
 * Fails with `E_EDGES_FULL` where an index no longer fits, and with `E_PRICE_BOOK_BUSY` while the book is being changed.
 */
export const addBandEdge = async (
  client: ClickHouseClient,
  database: string,
  packaged: BookTables,
  { tokens, activeFrom, author, reason, atMs }: NewBandEdge,
): Promise<'added' | 'unchanged'> =>
  whileBookIsLocked(client, database, async () => {
    await seedBandEdges(client, database, packaged.bandEdges, { author, reason: 'packaged edges', atMs })
    const { bandEdges, edgesActiveFrom } = await readLedgerTables(client, database, packaged)
    const known = bandEdges.indexOf(tokens)
    if (known >= 0 && (edgesActiveFrom[known] ?? 0) <= activeFrom) return 'unchanged'
    const index = known >= 0 ? known : bandEdges.length
    if (index > limits.bandEdgesMax) {
      throw new OutlayError('E_EDGES_FULL', 'no more edges fit', {
        got: `${bandEdges.length - 1} edges`,
        want: `at most ${limits.bandEdgesMax}`,
        fix: 'put the threshold on an edge that is there',
      })
    }
    await writeRows(client, database, bandEdgesTable, {
      rows: [{ index, tokens, active_from: activeFrom, added_at: BigInt(atMs) + 1n, author, reason }],
      token: `band-edge:${index}:${tokens}:${activeFrom}`,
    })
    return 'added'
  })
