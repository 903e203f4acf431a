/** What a server says about itself, as far as a ledger depends on it. */
import { limits } from '@outlay/core'
import { type LedgerSource, rowsOf } from '#src/verify/ledger-range.ts'

export interface ServerFacts {
  readonly version: string
  readonly uptimeSeconds: number
  /** Its clock minus ours in the middle of the question, in milliseconds. */
  readonly clockAheadMs: number
}

export const readServerFacts = async (source: LedgerSource, now: () => number): Promise<ServerFacts> => {
  const askedAt = now()
  const [row] = await rowsOf<{ version: string; uptime: number; now: string }>(
    source,
    'SELECT version() AS version, uptime() AS uptime, toUnixTimestamp64Milli(now64(3)) AS now',
  )
  const middle = (askedAt + now()) / 2
  return {
    version: row?.version ?? '',
    uptimeSeconds: row?.uptime ?? 0,
    clockAheadMs: Math.round(Number(row?.now ?? 0) - middle),
  }
}

/** The oldest server whose deduplication settings have the names that every insert carries. */
export const SERVER_VERSION_MIN = '26.2'

export const isServerSupported = (version: string): boolean => {
  const [wantMajor = 0, wantMinor = 0] = SERVER_VERSION_MIN.split('.').map(Number)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > wantMajor || (major === wantMajor && minor >= wantMinor)
}

/** Tables that a power cut may take an acked part from. */
export const tablesWithoutFsync = async (source: LedgerSource): Promise<readonly string[]> => {
  const rows = await rowsOf<{ name: string }>(
    source,
    `SELECT name FROM system.tables
     WHERE database = '${source.database}' AND match(name, '^(spans|calls|quarantine|skus)$|_(counters|index)$')
       AND NOT match(create_table_query, 'fsync_after_insert = (1|true)') ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}

export interface SenderSkew {
  readonly service: string
  readonly spans: number
  /** Spans that end later than they were received, beyond what a clock may be off. */
  readonly ahead: number
  /** Spans that start longer ago than any call may take to be sent. */
  readonly behind: number
  /** Furthest ahead of the receipt, in seconds. */
  readonly aheadSecondsMax: number
}

const SERVICES_MAX = 20

/** Senders of the last day whose clocks are off, the worst first. */
export const readSenderSkew = async (source: LedgerSource): Promise<readonly SenderSkew[]> => {
  const nanos = 'toUnixTimestamp64Nano(received_at)'
  const [future, past] = [limits.clockFutureMsMax, limits.clockPastMsMax].map((ms) => `${ms} * 1000000`)
  const rows = await rowsOf<{ service: string; spans: string; ahead: string; behind: string; most: number }>(
    source,
    `SELECT resource['service.name'] AS service, count() AS spans,
       countIf(toInt128(start_unix_nano) > ${nanos} + ${future}) AS ahead,
       countIf(toInt128(start_unix_nano) < ${nanos} - ${past}) AS behind,
       max((toInt128(start_unix_nano) - ${nanos}) / 1e9) AS most
     FROM ${source.database}.spans WHERE received_at > now64(9, 'UTC') - INTERVAL 1 DAY
     GROUP BY service HAVING ahead + behind > 0 ORDER BY ahead + behind DESC, service LIMIT ${SERVICES_MAX}`,
  )
  return rows.map(({ service, spans, ahead, behind, most }) => ({
    service,
    spans: Number(spans),
    ahead: Number(ahead),
    behind: Number(behind),
    aheadSecondsMax: Math.round(most),
  }))
}
