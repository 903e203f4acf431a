/** Questions to the ledger, each through the view registry; what goes wrong there becomes something a person can act on. */
import { setTimeout as delay } from 'node:timers/promises'
import { type ClickHouseClient, type KpiArguments, type KpiViewName, kpiStatement, queryKpi } from '@outlay/clickhouse'
import { limits, OutlayError } from '@outlay/core'
import type { Cell } from '#src/shared/answers.ts'

/** A column as the header of an answer names it. */
interface HeaderColumn {
  readonly name: string
}

export interface LedgerTable {
  readonly columns: readonly HeaderColumn[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
  /** Rows that the view has; `rows` holds at most `limits.panelTableRowsMax` of them. */
  readonly total: number
}

/** Chooses the column of which the highest rows are taken; undefined keeps the order of the view. */
export type ChooseOrder = (columns: readonly HeaderColumn[]) => string | undefined

const BUSY_PAUSE_MS = 200

interface CompactAnswer {
  readonly meta: readonly HeaderColumn[]
  readonly data: readonly (readonly Cell[])[]
}

/** Both the engine and a server name their refusals; a connection that fails has a code of the operating system. */
const nameOf = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  const { type, code } = error as { readonly type?: unknown; readonly code?: unknown }
  return [type, code].find((name) => typeof name === 'string' && /^[A-Z_]+$/.test(name)) as string | undefined
}

/** The client has no code for a ledger that took too long. */
const isTimeout = (error: unknown): boolean => error instanceof Error && /^timeout/i.test(error.message)

/**
 * A refused question has a type of the engine, a ledger that is away a code of the operating system; whatever has neither
 * is a mistake of ours and stays what it is. Statements are never repeated.
 */
const explain = (error: unknown): unknown => {
  const name = isTimeout(error) ? 'ETIMEDOUT' : nameOf(error)
  if (error instanceof OutlayError || name === undefined) return error
  const details = { got: name, cause: error }
  return typeof error === 'object' && error !== null && 'type' in error
    ? new OutlayError('E_QUERY', 'the ledger refused the question', {
        ...details,
        fix: 'ask for a shorter window, or try again; `outlay migrate` brings an older schema up to date',
      })
    : new OutlayError('E_UNREACHABLE', 'the ledger does not answer', {
        ...details,
        fix: 'is the database running? Spans are still taken and wait in the log',
      })
}

/** So many others are reading that this one was turned away, unread. */
const isBusy = (error: unknown): boolean => nameOf(error) === 'TOO_MANY_SIMULTANEOUS_QUERIES'

/**
 * Reads, and again where the ledger is busy. Fails with `E_UNREACHABLE` or `E_QUERY` where the read fails because of the
 * ledger.
 */
export const explained = async <Answer>(read: () => Promise<Answer>): Promise<Answer> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (!isBusy(error) || attempt >= limits.panelBusyAttemptsMax) throw explain(error)
      await delay(BUSY_PAUSE_MS * attempt)
    }
  }
}

/** Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const askView = <Row>(
  client: ClickHouseClient,
  database: string,
  view: KpiViewName,
  args: KpiArguments,
): Promise<Row[]> => explained(() => queryKpi<Row>(client, database, view, args))

/** Rows of a view with their header, as many as a page shows. Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const askTable = (
  client: ClickHouseClient,
  database: string,
  { view, args, order }: { readonly view: KpiViewName; readonly args: KpiArguments; readonly order: ChooseOrder },
): Promise<LedgerTable> => explained(() => readTable(client, kpiStatement(database, view, args), order))

type Statement = ReturnType<typeof kpiStatement>

const readTable = async (client: ClickHouseClient, statement: Statement, order: ChooseOrder): Promise<LedgerTable> => {
  const max = limits.panelTableRowsMax
  const whole = await readCompact(client, statement, `LIMIT ${max + 1}`)
  if (whole.data.length <= max) return { ...tableOf(whole), total: whole.data.length }
  const by = order(whole.meta)
  const [top, count] = await Promise.all([
    by === undefined ? whole : readCompact(client, statement, `ORDER BY \`${by}\` DESC NULLS LAST LIMIT ${max}`),
    client.query({
      query: `SELECT count() AS rows FROM (${statement.query})`,
      query_params: statement.query_params,
      format: 'JSONEachRow',
    }),
  ])
  const [{ rows: total } = { rows: '0' }] = await count.json<{ rows: string }>()
  return { ...tableOf({ meta: top.meta, data: top.data.slice(0, max) }), total: Number(total) }
}

const readCompact = async (
  client: ClickHouseClient,
  { query, query_params }: Statement,
  tail: string,
): Promise<CompactAnswer> => {
  const result = await client.query({
    query: `SELECT * FROM (${query}) ${tail}`,
    query_params,
    format: 'JSONCompact',
  })
  return (await result.json()) as unknown as CompactAnswer
}

const tableOf = ({ meta, data }: CompactAnswer): Pick<LedgerTable, 'columns' | 'rows'> => ({
  columns: meta,
  rows: data.map((cells) => Object.fromEntries(meta.map(({ name }, index) => [name, cells[index] ?? null]))),
})
