/** The log of a collector, as its files say: who owns it, what waits in it, and how long it will take an outage. */
import {
  EVIDENCE_CONSUMER,
  type InspectedLog,
  inspectLog,
  readQuarantinedFiles,
  SETTLEMENT_CONSUMER,
} from '@outlay/collector'
import { limits } from '@outlay/core'
import { type Line, ok, problem, warning } from './diagnosis.ts'

export interface CheckedLog {
  readonly isOwned: boolean
  readonly lines: readonly Line[]
}

const MIB = 1024 * 1024
const FULL_SHARE_WARNED = 0.7
const IN_DOUBT_MS_FINE = 60_000
const BACKLOG_RECORDS_FINE = 1_000n
/** A rate over less is a guess. */
const RATE_MS_MIN = 60_000
const MS_PER_HOUR = 3_600_000

export const checkLog = async (directory: string, nowMs: number): Promise<CheckedLog> => {
  const log = await inspectLog(directory)
  if (log === undefined) {
    const line = warning(
      'log',
      'directory',
      `no log in ${directory}`,
      'name the data directory of the collector with --data-dir, or its log with --log',
    )
    return { isOwned: false, lines: [line] }
  }
  return {
    isOwned: log.owner !== undefined,
    lines: [
      ownerLine(log),
      spaceLine(log, nowMs),
      ...backlogLines(log),
      sealedLine(log, nowMs),
      ...(await quarantineLines(directory)),
    ],
  }
}

const ownerLine = ({ owner, walId }: InspectedLog): Line => {
  const name = walId === undefined ? 'its META cannot be read' : `log ${walId}`
  if (walId === undefined)
    return problem('log', 'identity', name, 'start the collector: it makes a new identity and keeps everything')
  return ok('log', 'identity', owner === undefined ? `${name}, nobody owns it` : `${name}, owned by process ${owner}`)
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`

/** Segments are kept for a while after they are done, so that their age and size tell the rate. */
const hoursLeft = ({ bytes, oldestSegmentMs }: InspectedLog, nowMs: number): string => {
  const ageMs = oldestSegmentMs === undefined ? 0 : nowMs - oldestSegmentMs
  if (ageMs < RATE_MS_MIN || bytes === 0) return 'too young for a rate'
  const hours = ((limits.walBytesMax - bytes) / (bytes / ageMs) / MS_PER_HOUR).toFixed(1)
  return `room for about ${hours} h of an outage of the database at the rate of its retained segments`
}

const spaceLine = (log: InspectedLog, nowMs: number): Line => {
  const said = `${mib(log.bytes)} of ${mib(limits.walBytesMax)} in ${log.segments} segment(s); ${hoursLeft(log, nowMs)}`
  if (log.bytes < limits.walBytesMax * FULL_SHARE_WARNED) return ok('log', 'size', said)
  return problem('log', 'size', said, 'at its size it answers 503: bring the database back')
}

const backlogLines = ({ lastLsn, cursors, owner }: InspectedLog): readonly Line[] =>
  [
    [EVIDENCE_CONSUMER, 'records are not in the database yet'],
    [SETTLEMENT_CONSUMER, 'records are not settled yet'],
  ].map(([consumer = '', what = '']) => {
    const behind = lastLsn - (cursors.get(consumer) ?? 0n)
    const said = `${behind < 0n ? 0n : behind} ${what}`
    const fix =
      owner === undefined
        ? 'start the collector: it delivers them'
        : 'watch it: where it grows, see the lines of the database and the writer'
    return behind > BACKLOG_RECORDS_FINE || (behind > 0n && owner === undefined)
      ? warning('log', consumer, said, fix)
      : ok('log', consumer, said)
  })

const sealedLine = ({ sealedUnits, oldestSealedMs, owner }: InspectedLog, nowMs: number): Line => {
  if (oldestSealedMs === undefined) return ok('log', 'units', 'none in doubt')
  const seconds = Math.max(0, Math.round((nowMs - oldestSealedMs) / 1_000))
  const said = `${sealedUnits} in doubt, the oldest for ${seconds} s`
  if (owner !== undefined && nowMs - oldestSealedMs < IN_DOUBT_MS_FINE) return ok('log', 'units', said)
  const halfWindowMs = (limits.deduplicationWindowSeconds * 1_000) / 2
  if (nowMs - oldestSealedMs > halfWindowMs) {
    return problem(
      'log',
      'units',
      said,
      'before the collector sends them again, see with `outlay verify` whether the ledger holds them: the database may have forgotten their tokens',
    )
  }
  return warning(
    'log',
    'units',
    said,
    owner === undefined
      ? 'start the collector: it sends them again with their tokens'
      : 'the database does not take them: see its lines',
  )
}

const quarantineLines = async (directory: string): Promise<readonly Line[]> => {
  const { files, posted } = await readQuarantinedFiles({ directory })
  const damage = files.filter(({ kind }) => kind === 'damage')
  const waiting = files.length - damage.length
  return [
    waiting > 0
      ? warning(
          'log',
          'quarantine',
          `${waiting} block(s) or record(s) were refused`,
          'resolve the reason in their .reason.json, then run `outlay replay`',
        )
      : ok('log', 'quarantine', posted === 0 ? 'empty' : `empty but for ${posted} that were posted`),
    ...(damage.length > 0
      ? [
          warning(
            'log',
            'damage',
            `kept as evidence: ${damage.map(({ name }) => name).join(', ')}`,
            'the disk damaged these files; `outlay verify` tells which records are missing',
          ),
        ]
      : []),
  ]
}
