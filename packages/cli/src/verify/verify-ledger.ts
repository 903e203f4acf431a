/** The proof of a ledger: what its tables prove, then every trace against its evidence. Reads only. */
import { ALL_TIME, type CheckName, type CheckResult, type ClickHouseClient, verifyTables } from '@outlay/clickhouse'
import { type SettlementQuestion, verifySettlement } from '@outlay/collector'
import { limits, systemClock } from '@outlay/core'
import { bookTables } from '#src/book/open-book.ts'

/** Shape: docs/reference/cli/verify.schema.json. */
export interface Verification {
  readonly database: string
  /** ISO instants; null = no bound. */
  readonly from: string | null
  readonly to: string | null
  readonly found: number
  readonly checks: readonly CheckResult[]
}

export interface VerifySettings {
  readonly client: ClickHouseClient
  readonly database: string
  /** Unix seconds. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** Nothing is being written: a difference counts at once, and so does evidence that is not settled. */
  readonly idle: boolean
  /** What a call must say of itself. */
  readonly require: NonNullable<SettlementQuestion['require']>
  readonly signal: AbortSignal
  readonly onProgress: (check: CheckName, traces?: number) => void
}

const isoOf = (seconds: number | undefined): string | null =>
  seconds === undefined ? null : new Date(seconds * 1_000).toISOString()

export const verifyLedger = async ({
  client,
  database,
  from,
  to,
  idle,
  require,
  signal,
  onProgress,
}: VerifySettings): Promise<Verification> => {
  const source = { client, database }
  const range = { from: Math.floor(from ?? ALL_TIME.from), to: Math.ceil(to ?? ALL_TIME.to) }
  const patience = { looksAfterMs: idle ? [] : limits.verifyLooksAfterMs, signal }
  const tables = bookTables()
  const checks: CheckResult[] = []
  for await (const result of verifyTables(source, { range, patience, tables, onCheck: onProgress })) checks.push(result)
  onProgress('settlement')
  checks.push(
    await verifySettlement(source, {
      range,
      patience,
      tables,
      require,
      clock: systemClock,
      onProgress: (traces) => onProgress('settlement', traces),
    }),
  )
  const found = checks.reduce((sum, check) => sum + check.found, 0)
  return { database, from: isoOf(from), to: isoOf(to), found, checks }
}
