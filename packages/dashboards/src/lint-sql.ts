/** House rules of shipped SQL (spec: dashboards §3, §10 rung 3). Each check returns what is wrong, in words. */
import { KPI_VIEWS, type KpiViewName, kpiViewOf, VIEW_PARAMETERS, type ViewParameter } from '@outlay/clickhouse'
import { FILTER_VARIABLES, TIME_ARGUMENTS } from './kpi-call.ts'
import { closingParenthesis, splitArguments } from './sql-text.ts'

/** The only macros in SQL of ours. */
const SHIPPED_MACROS = new Set(['$__fromTime', '$__toTime', '$__interval_s'])
/** Identifiers: the only references without a format. */
const BARE_VARIABLES = new Set(['datasource', 'database'])
const FORMATTED_VARIABLES = new Set<string>([...Object.values(FILTER_VARIABLES), 'book'])

const LITERAL = String.raw`'(?:[^'\\]|\\.)*'`
const NAME = String.raw`[a-z]\w*`
const COLUMN = new RegExp(`^${NAME}( AS ${NAME})?$`)
const CONDITION = new RegExp(`^${NAME} ((=|!=|<|>|<=|>=) (${LITERAL}|\\d+(\\.\\d+)?)|IS (NOT )?NULL)$`)
const ORDER = new RegExp(`^${NAME}( DESC)?$`)
const VIEW_CALL = /\$\{database\}\.(\w+)\(/g
const TAIL = /^(?: WHERE (.+?))?(?: ORDER BY (.+?))?(?: LIMIT \d+)?$/s

/** Rules for any SQL of ours: known macros and variables, view arguments as registered, nothing unreviewed. */
export const lintSql = (sql: string): string[] => [
  ...lintReferences(sql),
  ...lintViewCalls(sql),
  ...(sql.includes('[[') ? ['[[ is the old variable syntax'] : []),
  ...(/SELECT\s+(DISTINCT\s+)?\*/i.test(sql) ? ['SELECT * hides which columns are read'] : []),
]

const lintReferences = (sql: string): string[] => {
  const macros = [...sql.matchAll(/\$__\w+/g)].map(([macro]) => macro).filter((macro) => !SHIPPED_MACROS.has(macro))
  const references = [...sql.matchAll(/\$\{([^}]*)\}/g)].map(([, reference = '']) => reference)
  const malformed = references.filter((reference) => {
    const [name = '', format] = reference.split(':')
    return format === undefined ? !BARE_VARIABLES.has(name) : format !== 'singlequote' || !FORMATTED_VARIABLES.has(name)
  })
  const stray = sql.replaceAll(/\$\{[^}]*\}|\$__\w+/g, '').includes('$')
  return [
    ...macros.map((macro) => `macro ${macro} is not one that shipped SQL uses`),
    ...malformed.map((reference) => `variable \${${reference}} needs a known name and :singlequote`),
    ...(stray ? ['a $ that is neither a macro nor ${variable}'] : []),
  ]
}

/** Every call of a view of ours in a text, with its name and argument texts. */
export const viewCallsIn = (sql: string): { name: string; args: string[] }[] =>
  [...sql.matchAll(VIEW_CALL)].map((match) => {
    const open = match.index + match[0].length - 1
    return { name: match[1] ?? '', args: splitArguments(sql.slice(open + 1, closingParenthesis(sql, open))) }
  })

const lintViewCalls = (sql: string): string[] =>
  viewCallsIn(sql).flatMap(({ name, args }) => {
    if (!KPI_VIEWS.some((view) => view.name === name)) return [`${name} is not a registered view`]
    const view = kpiViewOf(name as KpiViewName)
    const pairs = args.map((argument) => /^(\w+) = (.*)$/s.exec(argument) ?? [argument, argument, ''])
    const given = pairs.map(([, key]) => key)
    const missing = view.parameters.filter((parameter) => !given.includes(parameter))
    const unknown = given.filter((key) => !view.parameters.some((parameter) => parameter === key))
    return [
      ...missing.map((parameter) => `${name} lacks the argument ${parameter}`),
      ...unknown.map((key) => `${name} takes no argument ${key}: ClickHouse would ignore it without an error`),
      ...(new Set(given).size < given.length ? [`${name} has an argument twice`] : []),
      ...pairs.flatMap(([, key = '', value = '']) => lintArgument(view, key, value)),
    ]
  })

const lintArgument = (view: ReturnType<typeof kpiViewOf>, key: string, value: string): string[] => {
  const type = VIEW_PARAMETERS[key as ViewParameter] as string | undefined
  if (type === undefined) return []
  if (key in TIME_ARGUMENTS) {
    const wanted = TIME_ARGUMENTS[key as keyof typeof TIME_ARGUMENTS]
    return value === wanted ? [] : [`${key} must be ${wanted}, which no session zone shifts`]
  }
  if (key === 'by' && !view.by.some((by) => value === `'${by}'`)) return [`${view.name} cannot be grouped by ${value}`]
  const wanted =
    type === 'UInt32' || type === 'Float64'
      ? /^\d+(\.\d+)?$/
      : type === 'String'
        ? new RegExp(`^(${LITERAL}|\\$\\{\\w+:singlequote\\})$`)
        : new RegExp(`^\\[(\\$\\{\\w+:singlequote\\}|${LITERAL}(, ${LITERAL})*)\\]$`)
  return wanted.test(value) ? [] : [`${key} = ${value} is not a ${type} that keeps All and empty choices apart`]
}

/**
 * Rules for panels on top: one SELECT of bare columns from one view, conditions and order on columns. Arithmetic belongs
 * into the view, or the surfaces drift apart.
 */
export const lintPanelSql = (sql: string): string[] => {
  const shape = /^SELECT (.+?) FROM \$\{database\}\.\w+\(/s.exec(sql)
  if (!shape) return ['a panel reads SELECT columns FROM ${database}.view(…)']
  const close = closingParenthesis(sql, shape[0].length - 1)
  const tail = close < 0 ? null : TAIL.exec(sql.slice(close + 1))
  if (!tail) return ['after the view only WHERE, ORDER BY and LIMIT may stand, in this order']
  const [, where, orderBy] = tail
  const bad = (texts: readonly string[], pattern: RegExp): string[] => texts.filter((text) => !pattern.test(text))
  return [
    ...bad(splitArguments(shape[1] ?? ''), COLUMN).map((column) => `${column} is more than a column`),
    ...bad(where?.split(' AND ') ?? [], CONDITION).map((condition) => `${condition} is more than a column compared`),
    ...bad(orderBy === undefined ? [] : splitArguments(orderBy), ORDER).map((order) => `ORDER BY ${order}`),
  ]
}
