import { QUERY_CLASS } from '../guard/read-guard.ts'
import { isLedgerDatabase } from '../guard/names.ts'
import type { Role } from './authentication.ts'
import type { NativeAddon } from './addon.ts'
import { accessFault, Fault, syntaxFault } from './fault.ts'

/**
 * Who may run which kind of statement. The kind is the root of the engine's own syntax tree, and the engine's own
 * classifier proves that every write lands in one `outlay*` database.
 *
 * | kind                                          | reader  | collector | migrator |
 * | reads                                         | guarded | yes       | yes      |
 * | INSERT (any form)                             | no      | outlay*   | outlay*  |
 * | TRUNCATE, EXCHANGE and RENAME, CREATE         | no      | outlay*   | outlay*  |
 * | SYSTEM RELOAD DICTIONARY                      | no      | outlay*   | outlay*  |
 * | CREATE and DROP DATABASE                      | no      | no        | outlay*  |
 * | ALTER, DROP, OPTIMIZE, DELETE, UPDATE, UNDROP | no      | no        | outlay*  |
 * | users, UDFs, SET, USE, KILL, other SYSTEM, …  | no      | no        | no       |
 */
const COLLECTOR_WRITES = new Set(['InsertQuery', 'TruncateQuery', 'Rename', 'CreateQuery'])
const MIGRATOR_WRITES = new Set([
  ...COLLECTOR_WRITES,
  'AlterQuery',
  'DropQuery',
  'OptimizeQuery',
  'DeleteQuery',
  'UpdateQuery',
  'UndropQuery',
])

export type StatementKind = 'read' | 'write'

export interface StatementFacts {
  readonly sql: string
  readonly database: string
  readonly classify: (targetDatabase: string | null) => ReturnType<NativeAddon['DurableClassifyAsync']>
  readonly syntaxTree: () => Promise<readonly string[]>
}

const RELOAD = /^SYSTEM\s+RELOAD\s+DICTIONARY\s+[`"]?(\w+)[`"]?(?:\s*\.\s*[`"]?\w+[`"]?)?\s*;?\s*$/i

/** Whether an authenticated statement reads or writes; throws the refusal when this role may not run it. */
export const permitStatement = async (role: Exclude<Role, 'reader'>, facts: StatementFacts): Promise<StatementKind> => {
  const { statementCount, queryClass } = await facts.classify(null)
  if (statementCount > 1) throw syntaxFault('Multi-statements are not allowed: send one statement per request')
  if (/^[\s;]*$/.test(facts.sql)) throw syntaxFault('Empty query')
  if (queryClass === QUERY_CLASS.readOnly) return 'read'
  if (queryClass === QUERY_CLASS.control) return permitReload(facts)
  // Run what does not parse, for the engine's own words about it.
  if (queryClass === QUERY_CLASS.unknown) return 'read'
  const [root = '', ...rest] = await facts.syntaxTree()
  const [kind = '', target = ''] = root.split(' ')
  const kinds = role === 'migrator' ? MIGRATOR_WRITES : COLLECTOR_WRITES
  if (queryClass !== QUERY_CLASS.mutating || !kinds.has(kind))
    throw accessFault(`${role} may not run this kind of statement`)
  await requireLedgerScope({ role, facts, target, tree: rest })
  return 'write'
}

const permitReload = (facts: StatementFacts): StatementKind => {
  const [, first = ''] = RELOAD.exec(facts.sql.trim()) ?? []
  if (isLedgerDatabase(first) || (first !== '' && isLedgerDatabase(facts.database))) return 'write'
  throw accessFault(
    'Of the statements that change the session or the server only SYSTEM RELOAD DICTIONARY is available',
  )
}

const requireLedgerScope = async (write: {
  role: Role
  facts: StatementFacts
  target: string
  tree: readonly string[]
}): Promise<void> => {
  const named = write.tree.map(
    (line) =>
      line
        .trim()
        .replace(/^Identifier /, '')
        .split(/[ .]/)[0] ?? '',
  )
  const databases = new Set([write.facts.database, write.target, ...named].filter(isLedgerDatabase))
  for (const database of databases) {
    const { writesOnlyTargetDatabase, changesDatabaseLifecycle } = await write.facts.classify(database)
    const permitted = changesDatabaseLifecycle
      ? write.role === 'migrator' && isLedgerDatabase(write.target)
      : writesOnlyTargetDatabase
    if (permitted) return
  }
  throw accessFault('Writes are confined to databases named outlay or outlay_…, one per statement')
}

/** For an INSERT whose rows come in the body, where the grammar has already told the target. */
export const permitInsert = (role: Role, database: string): void => {
  if (role === 'reader') throw new Fault(164, 'READONLY', 'This user may only read', { rule: 'write' })
  if (!isLedgerDatabase(database)) throw accessFault('Inserts go to tables of databases named outlay or outlay_…')
}
