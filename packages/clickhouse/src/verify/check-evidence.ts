/**
 * Evidence is complete: every call has its span while evidence is kept, and every record of a log is there once, whole.
 * Within a log, records are numbered without a gap and so are the spans of a record.
 */
import { limits } from '@outlay/core'
import { type Finding, type KeyedFinding, keyed, type Look, mergeLooks } from './finding.ts'
import { countOf, hashSlices, type LedgerSource, pricedIn, receivedIn, rowsOf, type TimeRange } from './ledger-range.ts'

const LISTED = `LIMIT ${limits.verifyFindingsListedMax}`
/** As the table says: what is older may be gone. */
const KEPT = "received_at + INTERVAL 13 MONTH > now64(9, 'UTC')"
const SPAN = 'authority, trace_id, span_id'

export const lookAtEvidence = async (source: LedgerSource, range: TimeRange): Promise<Look> => {
  const { database } = source
  const where = `${pricedIn(range)} AND ${KEPT}`
  const rows = await countOf(source, 'calls', where)
  const spans = await countOf(source, 'spans', '1')
  const looks: Look[] = [{ checked: { 'calls rows': rows }, found: 0, listed: [] }]
  for (const slice of hashSlices('trace_id', Math.max(rows, spans))) {
    const missing = await rowsOf<{ of: string; trace: string; span: string; found: string }>(
      source,
      `SELECT toString(authority) AS of, lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, count() OVER () AS found
       FROM (SELECT ${SPAN} FROM ${database}.calls WHERE ${where} AND ${slice} GROUP BY ${SPAN})
       WHERE (${SPAN}) NOT IN (SELECT ${SPAN} FROM ${database}.spans WHERE ${slice})
       ORDER BY of, trace, span ${LISTED}`,
    )
    looks.push({
      checked: {},
      found: Number(missing[0]?.found ?? 0),
      listed: missing.map(({ of, trace, span }) =>
        keyed({
          check: 'evidence',
          what: 'a call has no span that it was made of',
          where: { table: 'spans', authority: of, trace_id: trace, span_id: span },
          got: 'no span',
          want: 'its span, which is kept for 13 months',
          fix: 'restore `spans` from a backup: the call stands, and can neither be explained nor derived again',
        }),
      ),
    })
  }
  return mergeLooks(looks)
}

/** Records of a log that are looked at together. */
const RECORDS_PER_LOOK = 200_000

interface LogRow {
  readonly wal_id: string
  readonly first: string
  readonly last: string
  readonly records: string
}

/** Several ranges of records that are missing. */
const gapsOf = (
  lsns: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): [number, number][] => {
  const gaps: [number, number][] = []
  let next = from
  for (const lsn of lsns) {
    if (lsn > next) gaps.push([next, lsn - 1])
    next = lsn + 1
  }
  if (next <= to) gaps.push([next, to])
  return gaps
}

const gapFinding = (walId: string, [from, to]: [number, number]): KeyedFinding =>
  keyed({
    check: 'log_records',
    what: 'records of a log are missing',
    where: { table: 'spans', wal_id: walId, lsn: from === to ? String(from) : `${from}-${to}` },
    got: 'no span of them',
    want: 'every record between the first and the last one of the log',
    fix: 'look into quarantine/ of that log: what was refused there is posted by `outlay replay`; else records were lost with a disk (see the events of its collector) or spans were removed: restore them from a backup',
  })

interface RecordRow {
  readonly lsn: string
  readonly spans: string
  readonly highest: number
  readonly found: string
}

const recordFinding = (walId: string, { lsn, spans, highest }: RecordRow): KeyedFinding => {
  const tooMany = Number(spans) > highest + 1
  const finding: Finding = {
    check: 'log_records',
    what: tooMany ? 'spans of a record are stored more than once' : 'spans of a record are missing',
    where: { table: 'spans', wal_id: walId, lsn },
    got: `${spans} span(s)`,
    want: `${highest + 1}, one for each position`,
    fix: tooMany
      ? 'no figure reads them twice, but an insert was repeated without being recognised: check the windows of deduplication'
      : 'spans were removed: restore them from a backup',
  }
  return keyed(finding)
}

const lookAtRecords = async (source: LedgerSource, walId: string, where: string): Promise<Look> => {
  const wrong = await rowsOf<RecordRow>(
    source,
    `SELECT lsn, count() AS spans, max(pos) AS highest, count() OVER () AS found FROM ${source.database}.spans
     WHERE ${where} GROUP BY lsn HAVING spans != highest + 1 OR sum(pos) != intDiv(highest * (highest + 1), 2)
     ORDER BY lsn ${LISTED}`,
  )
  return {
    checked: {},
    found: Number(wrong[0]?.found ?? 0),
    listed: wrong.map((row) => recordFinding(walId, row)),
  }
}

const lookAtLog = async (source: LedgerSource, range: TimeRange, log: LogRow): Promise<Look> => {
  const looks: Look[] = []
  // Ids of logs are hex digits or plain names of ours; a quote never gets into the statement.
  const ofLog = `wal_id = '${log.wal_id.replaceAll(/[^\w.:-]/g, '')}' AND ${receivedIn(range)}`
  const [first, last] = [Number(log.first), Number(log.last)]
  const hasGaps = Number(log.records) !== last - first + 1
  for (let from = first; from <= last; from += RECORDS_PER_LOOK) {
    const to = Math.min(from + RECORDS_PER_LOOK - 1, last)
    const where = `${ofLog} AND lsn BETWEEN ${from} AND ${to}`
    looks.push(await lookAtRecords(source, log.wal_id, where))
    if (!hasGaps) continue
    const stored = await rowsOf<{ lsn: string }>(
      source,
      `SELECT lsn FROM ${source.database}.spans WHERE ${where} GROUP BY lsn ORDER BY lsn`,
    )
    const gaps = gapsOf(
      stored.map(({ lsn }) => Number(lsn)),
      { from, to },
    )
    looks.push({
      checked: {},
      found: gaps.length,
      listed: gaps.slice(0, limits.verifyFindingsListedMax).map((gap) => gapFinding(log.wal_id, gap)),
    })
  }
  return mergeLooks(looks)
}

export const lookAtLogRecords = async (source: LedgerSource, range: TimeRange): Promise<Look> => {
  const logs = await rowsOf<LogRow>(
    source,
    `SELECT toString(wal_id) AS wal_id, min(lsn) AS first, max(lsn) AS last, groupBitmap(lsn) AS records
     FROM ${source.database}.spans WHERE ${receivedIn(range)} GROUP BY wal_id ORDER BY wal_id`,
  )
  const records = logs.reduce((sum, log) => sum + Number(log.records), 0)
  const spans = await countOf(source, 'spans', receivedIn(range))
  const looks: Look[] = [{ checked: { logs: logs.length, records, spans }, found: 0, listed: [] }]
  for (const log of logs) looks.push(await lookAtLog(source, range, log))
  return mergeLooks(looks)
}
