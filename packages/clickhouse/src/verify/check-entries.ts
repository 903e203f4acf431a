/**
 * The laws of signed entries, in the ledger and in the quarantine: an entry stands once, or its copies were taken back; a
 * call is charged once or not at all; and a reversal repeats the charge that it names.
 */
import { limits } from '@outlay/core'
import { callsTable, quarantineTable } from '#src/tables/ledger-tables.ts'
import { columnNames } from '#src/tables/table-shape.ts'
import { type Finding, keyed, type Look, mergeLooks } from './finding.ts'
import { countOf, hashSlices, type LedgerSource, pricedIn, rowsOf, type TimeRange } from './ledger-range.ts'

const TABLES = [callsTable.table, quarantineTable.table] as const
type SignedTable = (typeof TABLES)[number]

const LISTED = `LIMIT ${limits.verifyFindingsListedMax}`
const CALL_KEY = 'authority, trace_id, span_id, part'
const SHOWN_KEY =
  'toString(authority) AS of, lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, toString(part) AS piece'

interface KeyRow {
  readonly of: string
  readonly trace: string
  readonly span: string
  readonly piece: string
  readonly found: string
}

const keyOf = ({ of, trace, span, piece }: KeyRow): Readonly<Record<string, string>> => ({
  authority: of,
  trace_id: trace,
  span_id: span,
  part: piece,
})

interface SignedQuestion<Row> {
  /** Rows are cut by the hash of it. */
  readonly column: string
  /** Of which rows the number of slices follows. */
  readonly counted?: string
  readonly sql: (table: SignedTable, where: string, slice: string) => string
  readonly finding: (table: SignedTable, row: Row) => Finding
}

/** Looks at both tables, slice by slice. */
const inSlices = async <Row extends { readonly found: string }>(
  source: LedgerSource,
  range: TimeRange,
  question: SignedQuestion<Row>,
): Promise<Look> => {
  const looks: Look[] = []
  for (const table of TABLES) {
    const where = pricedIn(range)
    const rows = await countOf(source, table, `${where} AND ${question.counted ?? '1'}`)
    for (const slice of hashSlices(question.column, rows)) {
      const found = await rowsOf<Row>(source, question.sql(table, where, slice))
      looks.push({
        checked: {},
        found: Number(found[0]?.found ?? 0),
        listed: found.map((row) => keyed(question.finding(table, row))),
      })
    }
    looks.push({ checked: { [`${table} rows`]: rows }, found: 0, listed: [] })
  }
  return mergeLooks(looks)
}

const ledgerOnly = (table: SignedTable): string => (table === 'calls' ? 'the ledger' : 'the quarantine')

export const lookAtEntryIds = (source: LedgerSource, range: TimeRange): Promise<Look> =>
  inSlices<KeyRow & { readonly entry: string; readonly times: number }>(source, range, {
    column: 'trace_id',
    sql: (table, where, slice) =>
      `SELECT lower(hex(arrayFirst(one -> countEqual(ids, one) > 1, ids))) AS entry, ${SHOWN_KEY},
         arrayMax(one -> countEqual(ids, one), ids) AS times, count() OVER () AS found
       FROM (
         SELECT ${CALL_KEY}, groupArray(entry_id) AS ids
         FROM ${source.database}.${table} WHERE ${where} AND ${slice}
         GROUP BY ${CALL_KEY}, seq, content_hash HAVING sum(sign) NOT IN (0, 1)
       )
       WHERE length(ids) > length(arrayDistinct(ids)) ORDER BY entry ${LISTED}`,
    finding: (table, { entry, of, trace, span, times }) => ({
      check: 'entry_ids',
      what: `an entry stands more than once in ${ledgerOnly(table)}`,
      where: { table, entry_id: entry, authority: of, trace_id: trace, span_id: span },
      got: String(times),
      want: '1',
      fix: '`outlay rebuild` takes the copies back with reversals; find how they came in (windows of deduplication, a restored backup, a collector that was cut off for long)',
    }),
  })

const RESTORE =
  'look at its entries with `outlay explain call`: rows were added, changed or removed after they were posted; restore them from a backup'

export const lookAtNetSigns = (source: LedgerSource, range: TimeRange): Promise<Look> =>
  inSlices<KeyRow & { net: string }>(source, range, {
    column: 'trace_id',
    sql: (table, where, slice) =>
      `SELECT ${SHOWN_KEY}, sum(sign) AS net, count() OVER () AS found
       FROM ${source.database}.${table} WHERE ${where} AND ${slice}
       GROUP BY ${CALL_KEY} HAVING net NOT IN (0, 1) ORDER BY of, trace, span, piece ${LISTED}`,
    finding: (table, row) => ({
      check: 'net_signs',
      what: `a call stands neither once nor not at all in ${ledgerOnly(table)}`,
      where: { table, ...keyOf(row) },
      got: row.net,
      want: '0 or 1',
      fix: RESTORE,
    }),
  })

/** Columns that say how and when a row was posted: all others are the same in a reversal and its charge. */
const OF_POSTING: ReadonlySet<string> = new Set([
  'entry_id',
  'sign',
  'reverses',
  'posted_at',
  'wal_id',
  'unit',
  'pos',
  // Of the ledger, why it was posted; of the quarantine, why it was refused.
  'reason',
])
const repeated = (shape: typeof callsTable | typeof quarantineTable): string =>
  columnNames(shape)
    .filter((column) => !OF_POSTING.has(column))
    .join(', ')
const REPEATED: Readonly<Record<SignedTable, string>> = {
  calls: repeated(callsTable),
  quarantine: `${repeated(quarantineTable)}, reason`,
}

interface PairRow extends KeyRow {
  readonly seq: number
  readonly charges: string
  readonly reversals: string
  readonly names_other: number
  readonly differs: number
}

const problemOf = ({ charges, reversals, names_other }: PairRow): Pick<Finding, 'what' | 'got' | 'want'> => {
  if (Number(charges) - Number(reversals) !== 0 && Number(charges) - Number(reversals) !== 1) {
    return {
      what: 'a reversal does not stand beside exactly one charge',
      got: `${charges} charge(s), ${reversals} reversal(s)`,
      want: 'a charge for each reversal, and one more at most',
    }
  }
  if (names_other !== 0) {
    return {
      what: 'a reversal names another entry than its charge',
      got: 'another entry_id',
      want: 'that of its charge',
    }
  }
  return {
    what: 'a reversal does not repeat its charge',
    got: 'other values',
    want: 'the same in every column but those of posting',
  }
}

/** Only what was reversed is read whole: most entries are not. */
export const lookAtReversals = (source: LedgerSource, range: TimeRange): Promise<Look> =>
  inSlices<PairRow>(source, range, {
    column: 'trace_id',
    counted: 'sign < 0',
    sql: (table, where, slice) =>
      `SELECT ${SHOWN_KEY}, seq, countIf(sign > 0) AS charges, countIf(sign < 0) AS reversals,
         ${table === 'calls' ? 'NOT hasAll(groupUniqArrayIf(entry_id, sign > 0), groupUniqArrayIf(reverses, sign < 0))' : '0'} AS names_other,
         min(said) != max(said) AS differs, count() OVER () AS found
       FROM (
         SELECT ${CALL_KEY}, seq, content_hash, sign, entry_id, ${table === 'calls' ? 'reverses, ' : ''}cityHash64(${REPEATED[table]}) AS said
         FROM ${source.database}.${table}
         WHERE ${where} AND ${slice} AND (${CALL_KEY}, seq) IN (
           SELECT ${CALL_KEY}, seq FROM ${source.database}.${table} WHERE ${where} AND ${slice} AND sign < 0
         )
       )
       GROUP BY ${CALL_KEY}, seq, content_hash
       HAVING toInt64(charges) - toInt64(reversals) NOT IN (0, 1) OR names_other OR differs
       ORDER BY of, trace, span, piece, seq ${LISTED}`,
    finding: (table, row) => ({
      check: 'reversals',
      ...problemOf(row),
      where: { table, ...keyOf(row), seq: String(row.seq) },
      fix: RESTORE,
    }),
  })
