import { isAllowedFunction, isDeniedFunction } from './functions.ts'
import { isLedgerDatabase, isReadableName, isReadableTable } from './names.ts'

/**
 * Judges the lines of `EXPLAIN AST`, one by one and without their nesting. That is deliberate: a quoted name may hold a
 * line break and so forge lines, but it can only add some. It cannot hide the line of a real node, and every line must pass.
 */
export interface TreeContext {
  /** The caller's current database, where a bare name of a parameterised view is looked up. */
  readonly database: string
  /** Whether the engine knows a function or table function of this name. */
  readonly isEngineFunction: (name: string) => boolean
}

export interface TreeRefusal {
  readonly rule: 'function' | 'unknown-function' | 'table' | 'describe' | 'explain' | 'syntax'
  readonly what: string
}

const PLAIN_NODES = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'Literal',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsRegexpMatcher',
  'ColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'QualifiedColumnsListMatcher',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableJoin',
  'ArrayJoin',
  'Subquery',
  'WithElement',
  'WindowDefinition',
  'WindowListElement',
  'OrderByElement',
  'InterpolateElement',
  'SampleRatio',
  'QueryParameter',
  // The SETTINGS clause, and EXPLAIN's options: a read-only connection refuses the former by itself (code 164).
  'Set',
  'DescribeQuery',
  'ExistsDatabaseQuery',
  'ExistsTableQuery',
  'ExistsViewQuery',
  'ExistsDictionaryQuery',
  // SHOW hides its conditions from this tree; its text is held to a fixed form before (`read-guard.ts`).
  'ShowTables',
  'ShowColumns',
  'ShowFunctions',
  'ShowCreateTableQuery',
  'ShowCreateViewQuery',
  'ShowCreateDictionaryQuery',
  'ShowCreateDatabaseQuery',
])

const EXPLAINS = /^EXPLAIN( AST| SYNTAX| QUERY TREE| PIPELINE| ESTIMATE)?$/

/** The first reason to refuse the tree, or undefined when every node of it is allowed. Unknown nodes are refused. */
export const refusalOf = (lines: readonly string[], context: TreeContext): TreeRefusal | undefined => {
  let describes = false
  let calls = false
  for (const line of lines) {
    const refusal = judgeNode(line, context)
    if (refusal !== undefined) return refusal
    describes ||= /^ *DescribeQuery/.test(line)
    calls ||= /^ *Function /.test(line)
  }
  if (lines.length === 0) return { rule: 'syntax', what: 'an empty statement' }
  return describes && calls ? { rule: 'describe', what: 'DESCRIBE of anything but a plain table name' } : undefined
}

const judgeNode = (line: string, context: TreeContext): TreeRefusal | undefined => {
  const [, kind = '', label = ''] = /^ *(\S+) ?(.*)$/s.exec(line) ?? []
  const name = label.replace(/ \((alias|children) .*$/s, '')
  switch (kind) {
    case 'Function':
      return judgeFunction(name.split(' ')[0] ?? '', context)
    case 'Identifier':
      if (isDeniedFunction(name)) return { rule: 'function', what: `the function ${name}` }
      return isReadableName(name) ? undefined : { rule: 'table', what: `the table ${name}` }
    case 'TableIdentifier':
      return isReadableTable(name) ? undefined : { rule: 'table', what: `the table ${name}` }
    case 'Explain':
      return EXPLAINS.test(name) ? undefined : { rule: 'explain', what: name }
    default:
      return PLAIN_NODES.has(kind) ? undefined : { rule: 'syntax', what: `the construct ${kind}` }
  }
}

const judgeFunction = (name: string, context: TreeContext): TreeRefusal | undefined => {
  if (isAllowedFunction(name)) return undefined
  const [database = '', view = ''] = name.includes('.') ? name.split('.') : [context.database, name]
  const isView = isLedgerDatabase(database) && /^\w+$/.test(view) && name.split('.').length <= 2
  // A dotted name can only be a parameterised view; a bare one only if the engine has no function of that name.
  if (isView && (name.includes('.') || !context.isEngineFunction(name))) return undefined
  // Also refused, not tried: it could be an aggregate that nobody has reviewed, with a combinator at its end.
  return { rule: context.isEngineFunction(name) ? 'function' : 'unknown-function', what: `the function ${name}` }
}
