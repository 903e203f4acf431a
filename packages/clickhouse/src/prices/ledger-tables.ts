/**
 * Edges and splits as the database has them: they decide what its calls are stored as. The index of an edge is what calls
 * carry, so the database's list is the truth and the packaged one only its beginning.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { assert } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import { bandEdgesTable, slotSplitsTable, type StoredBandEdge } from '#src/tables/price-tables.ts'

export interface LedgerTables extends Required<BookTables> {
  /** Indexes of edges that calls may have been stored without. */
  readonly laterEdges: readonly number[]
}

/** What is known of each index, by index. */
const edgesOf = (rows: readonly StoredBandEdge[]) => {
  const firstLoad = rows.find(({ index }) => index === 0)?.added_at ?? 0n
  return [...Map.groupBy(rows, ({ index }) => index).values()]
    .map((ofIndex) => {
      const [first] = ofIndex
      assert(first !== undefined && ofIndex.every(({ tokens }) => tokens === first.tokens), 'an index is one edge')
      return {
        index: first.index,
        tokens: first.tokens,
        activeFrom: Math.min(...ofIndex.map(({ active_from }) => active_from)),
        isLater: ofIndex.some(({ added_at }) => added_at !== firstLoad),
      }
    })
    .toSorted((a, b) => a.index - b.index)
}

/** The tables of a database; its edges and splits in place of the packaged ones. */
export const readLedgerTables = async (
  client: ClickHouseClient,
  database: string,
  { bandEdges, foldings }: BookTables,
): Promise<LedgerTables> => {
  const [edgeRows, splitRows] = await Promise.all([
    readRows(client, database, bandEdgesTable, { where: '1' }),
    readRows(client, database, slotSplitsTable, { where: '1' }),
  ])
  const slotSplits = splitRows.map(({ provider, model, at }) => ({ provider, model, at }))
  // A database that was never prepared has the packaged edges only.
  if (edgeRows.length === 0) {
    return { foldings, bandEdges, edgesActiveFrom: bandEdges.map(() => 0), slotSplits, laterEdges: [] }
  }
  const edges = edgesOf(edgeRows)
  assert(
    edges.every(({ index }, position) => index === position),
    'edges are numbered without a gap',
  )
  return {
    foldings,
    bandEdges: edges.map(({ tokens }) => tokens),
    edgesActiveFrom: edges.map(({ activeFrom }) => activeFrom),
    slotSplits,
    laterEdges: edges.filter(({ isLater }) => isLater).map(({ index }) => index),
  }
}
