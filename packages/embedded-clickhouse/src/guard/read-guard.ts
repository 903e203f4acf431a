import { accessFault, Fault, faultOf, syntaxFault } from '../child/fault.ts'
import { isCatalogue } from './names.ts'
import { refusalOf, type TreeContext } from './syntax-tree.ts'

/** What the engine's own parser says about a text; see `QueryClass` of chDB. */
export interface Classification {
  readonly statementCount: number
  readonly queryClass: number
}

export const QUERY_CLASS = { readOnly: 0, mutating: 1, mutatingGlobal: 2, control: 3, unknown: 4 } as const

const IDENTIFIER = '(`\\w+`|"\\w+"|\\w+)'
const TABLE = `${IDENTIFIER}(\\.${IDENTIFIER})?`
const LIKE = "( +(NOT +)?I?LIKE +'[^'\\\\]*')?"
const SHOW = new RegExp(
  `^SHOW +(DATABASES${LIKE}|(TABLES|DICTIONARIES)( +(FROM|IN) +${IDENTIFIER})?${LIKE}|FUNCTIONS${LIKE}` +
    `|CREATE +(TABLE|VIEW|DICTIONARY) +${TABLE}|CREATE +DATABASE +${IDENTIFIER}` +
    `|(COLUMNS|FIELDS|INDEX|INDEXES) +(FROM|IN) +${TABLE})( +FORMAT +\\w+)?$`,
  'i',
)

const tidied = (sql: string): string => sql.trim().replace(/;\s*$/, '').replaceAll(/\s+/g, ' ').trim()

/**
 * The rules that need no parser of ours, from the statement's text and its class. Throws the refusal.
 * Text that does not parse is classed as read-only, so passing here decides nothing alone.
 */
export const guardStatement = (sql: string, { statementCount, queryClass }: Classification): void => {
  if (statementCount > 1) throw syntaxFault('Multi-statements are not allowed: send one statement per request')
  // One word on a literal too many is cheaper than one file written.
  if (/outfile/i.test(sql))
    throw accessFault('INTO OUTFILE is not available here; pass such a text as a parameter', 'outfile')
  if (queryClass === QUERY_CLASS.mutating || queryClass === QUERY_CLASS.mutatingGlobal) {
    throw new Fault(164, 'READONLY', 'This user may only read', { rule: 'write' })
  }
  if (queryClass === QUERY_CLASS.control) {
    throw accessFault(
      'Statements that change the session or the server (SET, USE, KILL, SYSTEM, …) are not available: no session state is kept',
      'control',
    )
  }
  if (/^[\s;]*$/.test(sql)) throw syntaxFault('Empty query')
}

/** Refuses what the syntax tree shows. `lines` come from `EXPLAIN AST` on the same connection, with the same parameters. */
export const guardTree = (sql: string, lines: readonly string[], context: TreeContext): void => {
  const refusal = refusalOf(lines, context)
  if (refusal?.rule === 'unknown-function') {
    throw new Fault(46, 'UNKNOWN_FUNCTION', `Unknown to readers: ${refusal.what}`, { rule: refusal.rule })
  }
  if (refusal !== undefined) throw accessFault(`A reader may not use ${refusal.what}`, refusal.rule)
  // The tree of SHOW leaves out its WHERE and LIMIT, where a function could hide.
  if (lines.some((line) => /^ *Show/.test(line)) && !SHOW.test(tidied(sql))) {
    throw accessFault('Only the plain forms of SHOW are available: read the system tables instead', 'show')
  }
}

export const guardDatabase = (database: string): void => {
  if (isCatalogue(database))
    throw accessFault(`${database} cannot be the current database: write ${database}.table`, 'database')
}

const EXPLAIN_AST = 'EXPLAIN AST '

/** The tree of a statement, with positions in syntax errors as in the statement itself. */
export const readSyntaxTree = async (explain: (sql: string) => Promise<string[]>, sql: string): Promise<string[]> => {
  try {
    return await explain(EXPLAIN_AST + sql)
  } catch (error) {
    const fault = faultOf(error)
    if (fault.code !== 62) throw fault
    const shifted = (at: string): number => Math.max(1, Number(at) - EXPLAIN_AST.length)
    throw syntaxFault(
      fault.message
        .replace(/failed at position (\d+)/, (_, at: string) => `failed at position ${shifted(at)}`)
        .replace(/\(line 1, col (\d+)\)/, (_, at: string) => `(line 1, col ${shifted(at)})`),
    )
  }
}
