import { readSyntaxTree } from '../guard/read-guard.ts'
import type { Role } from './authentication.ts'
import { permitStatement } from './permissions.ts'
import { resultOf, runServiceRead } from './read.ts'
import { serviceSettings } from './settings.ts'
import { formatOf, type StatementCall, type StatementResult } from './statement.ts'

/** Runs a statement of `collector` or `migrator` that carries its own data, if any. */
export const runServiceStatement = async (
  call: StatementCall & { readonly role: Exclude<Role, 'reader'> },
): Promise<StatementResult> => {
  const { engine, request, role, sql } = call
  // Names without a database are judged where the statement would run.
  const kind = await engine.withConnection(async (connection) => {
    if (request.database !== undefined) await connection.use(request.database)
    await connection.apply(new Map([...request.parameters, ...serviceSettings(new Map())]))
    return permitStatement(role, {
      sql,
      database: request.database ?? 'default',
      classify: (target) => connection.classify(sql, target),
      syntaxTree: () => readSyntaxTree((explain) => connection.column(explain), sql),
    })
  })
  if (kind === 'read') return runServiceRead(call)
  // A client that goes away does not undo a write: it runs to its end, and the retry meets its token.
  return engine.writer.run(() =>
    engine.withConnection(async (connection) => {
      if (request.database !== undefined) await connection.use(request.database)
      await connection.apply(new Map([...request.parameters, ...serviceSettings(request.settings)]))
      return resultOf(call, await connection.query(sql, formatOf(call)))
    }),
  )
}
