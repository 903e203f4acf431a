/**
 * The macros that the data source expands in its backend, for panels, variables and alerts alike (spec: dashboards §3;
 * names and results as of plugin 4.20). Shipped SQL uses three of them; all are here so that the SQL of users' own
 * panels can be checked too.
 *
 * Comments go first, so a macro in one expands to nothing. Arguments expand before the macro around them. An unknown
 * name stays as it is and fails in the engine.
 */
import { OutlayError } from '@outlay/core'
import { closingParenthesis, splitArguments, stripComments } from './sql-text.ts'

/** What a panel knows when it runs a query. */
export interface MacroContext {
  readonly fromMs: number
  readonly toMs: number
  /** Time step of the panel. */
  readonly intervalMs: number
  readonly table?: string
  readonly column?: string
}

const MS_PER_SECOND = 1_000
const DATE_LENGTH = 10

const seconds = (atMs: number): string => `toDateTime(${Math.floor(atMs / MS_PER_SECOND)})`
const millis = (atMs: number): string => `fromUnixTimestamp64Milli(${atMs})`
const date = (atMs: number): string => `toDate('${new Date(atMs).toISOString().slice(0, DATE_LENGTH)}')`

const between = (render: (atMs: number) => string, subject: string, { fromMs, toMs }: MacroContext): string =>
  `${subject} >= ${render(fromMs)} AND ${subject} <= ${render(toMs)}`
const stepSeconds = ({ intervalMs }: MacroContext): number => Math.max(Math.floor(intervalMs / MS_PER_SECOND), 1)

type Expansion = (context: MacroContext, args: readonly string[]) => string

interface Macro {
  readonly arity: number
  readonly expand: Expansion
}

const bare = (expand: (context: MacroContext) => string): Macro => ({ arity: 0, expand })
const unary = (expand: (context: MacroContext, argument: string) => string): Macro => ({
  arity: 1,
  expand: (context, [argument = '']) => expand(context, argument),
})
const binary = (expand: (context: MacroContext, first: string, second: string) => string): Macro => ({
  arity: 2,
  expand: (context, [first = '', second = '']) => expand(context, first, second),
})

const dateTimeFilter = binary(
  (context, day, time) => `(${between(date, day, context)}) AND (${between(seconds, time, context)})`,
)

const MACROS: Readonly<Record<string, Macro>> = {
  fromTime: bare(({ fromMs }) => seconds(fromMs)),
  toTime: bare(({ toMs }) => seconds(toMs)),
  fromTime_ms: bare(({ fromMs }) => millis(fromMs)),
  toTime_ms: bare(({ toMs }) => millis(toMs)),
  timeFilter: unary((context, subject) => between(seconds, subject, context)),
  timeFilter_ms: unary((context, subject) => between(millis, subject, context)),
  dateFilter: unary((context, subject) => between(date, subject, context)),
  dateTimeFilter,
  dt: dateTimeFilter,
  timeInterval: unary(
    (context, subject) => `toStartOfInterval(toDateTime(${subject}), INTERVAL ${stepSeconds(context)} second)`,
  ),
  timeInterval_ms: unary(
    ({ intervalMs }, subject) =>
      `toStartOfInterval(toDateTime64(${subject}, 3), INTERVAL ${Math.max(Math.floor(intervalMs), 1)} millisecond)`,
  ),
  interval_s: bare((context) => String(stepSeconds(context))),
  timeFrom: unary(({ fromMs }, subject) => `${subject} >= ${seconds(fromMs)}`),
  timeTo: unary(({ toMs }, subject) => `${subject} <= ${seconds(toMs)}`),
  timeGroup: binary(
    (_context, subject, period) =>
      `toStartOfInterval(toDateTime(${subject}), INTERVAL ${parsePeriodSeconds(period)} second)`,
  ),
  interval: bare(({ intervalMs }) => formatInterval(intervalMs)),
  interval_ms: bare(({ intervalMs }) => String(intervalMs)),
  table: bare(({ table }) => table ?? ''),
  column: bare(({ column }) => column ?? ''),
}

/** Names without `$__`. */
export const BACKEND_MACROS: readonly string[] = Object.keys(MACROS)

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: MS_PER_SECOND, m: 60_000, h: 3_600_000 }

const formatInterval = (intervalMs: number): string => {
  const unit = ['h', 'm', 's'].find((name) => intervalMs % (UNIT_MS[name] ?? 1) === 0) ?? 'ms'
  return `${intervalMs / (UNIT_MS[unit] ?? 1)}${unit}`
}

const parsePeriodSeconds = (argument: string): number => {
  const text = argument.replaceAll(/^['"]+|['"]+$/g, '')
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  const totalMs = parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0)
  const whole = Math.round(totalMs / MS_PER_SECOND)
  if (parts.map(([part]) => part).join('') === text && whole > 0) return whole
  throw new OutlayError('E_MACRO', '$__timeGroup has no usable period', { got: text, want: 'such as 5m or 1h30m' })
}

/** Expands all backend macros. Fails with `E_MACRO` for missing parentheses or a wrong number of arguments. */
export const expandMacros = (sql: string, context: MacroContext): string => expandIn(stripComments(sql), context)

const expandIn = (text: string, context: MacroContext): string => {
  const token = /\$__([a-zA-Z]\w*)/g
  let expanded = ''
  let position = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const macro = MACROS[match[1] ?? '']
    if (!macro) continue
    const after = token.lastIndex
    const end = macro.arity === 0 ? after : closingParenthesis(text, after) + 1
    if (end === 0) throw arityError(match[0], macro, 0)
    const args = macro.arity === 0 ? [] : splitArguments(text.slice(after + 1, end - 1))
    if (args.length !== macro.arity) throw arityError(match[0], macro, args.length)
    const values = args.map((argument) => expandIn(argument, context))
    expanded += text.slice(position, match.index) + macro.expand(context, values)
    position = end
    token.lastIndex = end
  }
  return expanded + text.slice(position)
}

const arityError = (name: string, { arity }: Macro, got: number): OutlayError =>
  new OutlayError('E_MACRO', `${name} has the wrong number of arguments`, { got: String(got), want: String(arity) })
