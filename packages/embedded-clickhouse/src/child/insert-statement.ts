import { Fault, syntaxFault } from './fault.ts'
import { quoteIdentifier } from './quoting.ts'

/** `INSERT INTO [db.]table [(columns)] FORMAT name`, whose rows come in the request body. */
export interface InsertStatement {
  readonly database: string | undefined
  readonly table: string
  /** Undefined: the statement named none. */
  readonly columns: readonly string[] | undefined
  readonly format: string
}

/** Text formats that the engine takes as they come; Native goes through a file. */
const TEXT_FORMATS = new Set([
  'JSONEachRow',
  'JSONCompactEachRow',
  'TabSeparated',
  'TSV',
  'TabSeparatedWithNames',
  'TSVWithNames',
  'CSV',
  'CSVWithNames',
])

const SPACE = /^(?:\s+|--[^\n]*(?:\n|$)|#!?[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/
const WORD = /^[A-Za-z_]\w*/
const QUOTED = /^(?:`([^`\\]+)`|"([^"\\]+)")/

/** Undefined when the text is no INSERT with a FORMAT at its end; a fault when it is one that is not offered. */
export const parseInsertStatement = (sql: string): InsertStatement | undefined => {
  const scanner = new Scanner(sql)
  if (!scanner.keyword('INSERT') || !scanner.keyword('INTO')) return undefined
  scanner.keyword('TABLE')
  const first = scanner.identifier()
  if (first === undefined) return undefined
  const second = scanner.symbol('.') ? scanner.identifier() : undefined
  const columns = scanner.symbol('(') ? columnList(scanner) : undefined
  if (scanner.keyword('SETTINGS')) throw syntaxFault('Send the settings of an INSERT in the URL, not in the statement')
  if (!scanner.keyword('FORMAT')) return undefined
  const format = scanner.identifier() ?? ''
  scanner.symbol(';')
  if (!scanner.atEnd()) return undefined
  if (format !== 'Native' && !TEXT_FORMATS.has(format)) {
    throw new Fault(
      73,
      'UNKNOWN_FORMAT',
      `Insert format ${format} is not offered; use Native, ${[...TEXT_FORMATS].join(', ')}`,
    )
  }
  const [database, table] = second === undefined ? [undefined, first] : [first, second]
  return { database, table, columns, format }
}

/** The same statement for the engine, with every name quoted anew. */
export const renderInsert = ({ database, table, columns }: InsertStatement): string => {
  const target =
    database === undefined ? quoteIdentifier(table) : `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
  return `INSERT INTO ${target}${columns === undefined ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`}`
}

const columnList = (scanner: Scanner): readonly string[] => {
  const columns: string[] = []
  do {
    columns.push(columnName(scanner))
  } while (scanner.symbol(','))
  if (!scanner.symbol(')')) throw syntaxFault('The column list of an INSERT is not closed')
  return columns
}

/** Columns of a nested structure are written with a dot, which is part of their name. */
const columnName = (scanner: Scanner): string => {
  const parts: string[] = []
  do {
    const part = scanner.identifier()
    if (part === undefined) throw syntaxFault('The column list of an INSERT holds names only')
    parts.push(part)
  } while (scanner.symbol('.'))
  return parts.join('.')
}

class Scanner {
  #rest: string

  constructor(sql: string) {
    this.#rest = sql
    this.#skip()
  }

  keyword(word: string): boolean {
    const found = WORD.exec(this.#rest)?.[0]
    if (found?.toUpperCase() !== word) return false
    this.#advance(found.length)
    return true
  }

  symbol(symbol: string): boolean {
    if (!this.#rest.startsWith(symbol)) return false
    this.#advance(symbol.length)
    return true
  }

  identifier(): string | undefined {
    const quoted = QUOTED.exec(this.#rest)
    const name = quoted === null ? WORD.exec(this.#rest)?.[0] : (quoted[1] ?? quoted[2])
    if (name !== undefined) this.#advance(quoted === null ? name.length : quoted[0].length)
    return name
  }

  atEnd(): boolean {
    return this.#rest === ''
  }

  #advance(length: number): void {
    this.#rest = this.#rest.slice(length)
    this.#skip()
  }

  #skip(): void {
    this.#rest = this.#rest.replace(SPACE, '')
  }
}
