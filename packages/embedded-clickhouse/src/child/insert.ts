import { readFile } from 'node:fs/promises'
import { engineLimits } from '../limits.ts'
import type { Role } from './authentication.ts'
import type { Spool, Spooled } from './body.ts'
import type { EngineConnection } from './connection.ts'
import type { Engine } from './engine.ts'
import { Fault } from './fault.ts'
import { type InsertStatement, renderInsert } from './insert-statement.ts'
import { permitInsert } from './permissions.ts'
import { quoteIdentifier, quoteString } from './quoting.ts'
import type { EngineRequest } from './request.ts'
import { PINNED_INSERT_SETTINGS, serviceSettings } from './settings.ts'
import type { StatementResult } from './statement.ts'
import type { IncomingMessage } from 'node:http'

export interface InsertCall {
  readonly engine: Engine
  readonly spool: Spool
  readonly role: Role
  readonly request: EngineRequest
  readonly insert: InsertStatement
  readonly body: IncomingMessage
}

const TOKEN = 'insert_deduplication_token'

/**
 * Inserts the rows of a request body, whole or not at all.
 * The body is on disk and known to be complete before the engine sees a byte of it.
 */
export const runInsert = async (call: InsertCall): Promise<StatementResult> => {
  permitInsert(call.role, call.insert.database ?? call.request.database ?? 'default')
  const spooled = await call.spool.write(call.body, engineLimits.insertBodyBytesMax)
  try {
    if (spooled.bytes === 0) {
      throw new Fault(
        108,
        'NO_DATA_TO_INSERT',
        'The body is empty: an insert without rows would look like one that succeeded',
      )
    }
    return await call.engine.writer.run(() =>
      call.engine.withConnection((connection) => insertSpooled(call, connection, spooled)),
    )
  } finally {
    await spooled.remove()
  }
}

const insertSpooled = async (
  { request, insert }: InsertCall,
  connection: EngineConnection,
  spooled: Spooled,
): Promise<StatementResult> => {
  if (request.database !== undefined) await connection.use(request.database)
  await connection.apply(insertSettings(request, spooled))
  const startedAt = performance.now()
  const written =
    insert.format === 'Native'
      ? await insertNative(connection, insert, spooled)
      : await insertText(connection, insert, spooled)
  return {
    bytes: new Uint8Array(0),
    format: 'TabSeparated',
    resultRows: 0,
    ...(written === undefined ? {} : { writtenRows: written }),
    elapsedSeconds: (performance.now() - startedAt) / 1000,
  }
}

/** Without a token the content is its own, as on a server: the same bytes again are the same insert. */
const insertSettings = (request: EngineRequest, spooled: Spooled): ReadonlyMap<string, string> => {
  const settings = new Map([...serviceSettings(request.settings), ...PINNED_INSERT_SETTINGS])
  if ((settings.get(TOKEN) ?? '') === '') settings.set(TOKEN, `body:${spooled.digest}`)
  return settings
}

/** Columns go by name: `SELECT *` would map them by position, and silently. */
const insertNative = async (
  connection: EngineConnection,
  insert: InsertStatement,
  spooled: Spooled,
): Promise<undefined> => {
  const source = `file(${quoteString(spooled.path)}, 'Native')`
  const found = await connection.column(`DESCRIBE TABLE ${source}`)
  const columns = insert.columns ?? found
  const missing = columns.filter((name) => !found.includes(name))
  const surplus = found.filter((name) => !columns.includes(name))
  if (missing.length + surplus.length > 0) {
    const what = `The Native block and the column list differ: block lacks [${missing.join(', ')}], list lacks [${surplus.join(', ')}]`
    throw new Fault(16, 'NO_SUCH_COLUMN_IN_TABLE', what)
  }
  await connection.query(
    `${renderInsert({ ...insert, columns })} SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${source}`,
  )
  return undefined
}

const insertText = async (connection: EngineConnection, insert: InsertStatement, spooled: Spooled): Promise<number> => {
  const { rowsWritten } = await connection.insertText(
    `${renderInsert(insert)} FORMAT ${insert.format}`,
    await readFile(spooled.path),
  )
  return rowsWritten
}
