import { guardDatabase, guardStatement, guardTree, readSyntaxTree } from '../guard/read-guard.ts'
import { readerSettings, serviceSettings } from './settings.ts'
import { formatOf, type StatementCall, type StatementResult } from './statement.ts'

/** Runs one guarded statement of a reader: classify, look at its tree, then run it on the same read-only connection. */
export const runGuardedRead = async (call: StatementCall): Promise<StatementResult> => {
  const { engine, request, sql, signal } = call
  guardStatement(sql, await engine.withControl((control) => control.classify(sql, null)))
  const database = request.database ?? 'default'
  guardDatabase(database)
  const settings = readerSettings(request.settings, engine.threads)
  return engine.readers.run(
    () =>
      engine.withConnection(async (connection) => {
        if (request.database !== undefined) await connection.use(request.database)
        await connection.apply(new Map([...request.parameters, ...settings]))
        const tree = await readSyntaxTree((explain) => connection.column(explain), sql)
        guardTree(sql, tree, { database, isEngineFunction: engine.isEngineFunction })
        return resultOf(call, await engine.queryUntil(connection, { sql, format: formatOf(call), signal }))
      }),
    signal,
  )
}

/** Runs a read of `collector` or `migrator`, who are trusted with any SELECT and any setting. */
export const runServiceRead = (call: StatementCall): Promise<StatementResult> => {
  const { engine, request, sql, signal } = call
  return engine.serviceReaders.run(
    () =>
      engine.withConnection(async (connection) => {
        if (request.database !== undefined) await connection.use(request.database)
        // 2: settings may change, data may not, whatever the classifier made of the statement.
        const settings = serviceSettings(request.settings).set('readonly', '2')
        await connection.apply(new Map([...request.parameters, ...settings]))
        return resultOf(call, await engine.queryUntil(connection, { sql, format: formatOf(call), signal }))
      }),
    signal,
  )
}

export const resultOf = (
  call: StatementCall,
  result: { readonly bytes: Uint8Array; readonly rowsRead: number; readonly elapsed: number },
): StatementResult => ({
  bytes: result.bytes,
  format: formatOf(call),
  resultRows: result.rowsRead,
  elapsedSeconds: result.elapsed,
})
