/** A view's answer as a plain table: one row as a list of figures, more rows as columns. */
import { createColors } from 'picocolors'
import { typedNameOf } from './view-name.ts'
import { type Figure, formatFigure, isNumeric } from './format-figure.ts'
import { fitsWidth, renderTextTable, type TextColumn } from './text-table.ts'
import type { NamedColumn, ViewAnswer } from './view-answer.ts'

export interface Terminal {
  readonly color: boolean
  /** Characters of a line. */
  readonly width: number
}

type Paint = (text: string) => string

const NOT_SAID = '(none)'
const LEADING_MAX = 3
const LEADING_UNITS: ReadonlySet<string> = new Set(['text', 'date', 'time'])

const verdictPaint = (color: boolean): Paint => {
  const colors = createColors(color)
  const paints: Readonly<Record<string, Paint>> = {
    ok: colors.green,
    watch: colors.yellow,
    warn: colors.yellow,
    act: colors.red,
    low: colors.blue,
  }
  return (text) => paints[text]?.(text) ?? text
}

/** The first column says what a row is; texts and times right behind it help it. */
const leadingCountOf = (columns: readonly NamedColumn[]): number => {
  const others = columns.slice(1, LEADING_MAX).findIndex(({ unit }) => !LEADING_UNITS.has(unit))
  return others === -1 ? Math.min(columns.length, LEADING_MAX) : others + 1
}

const cellText = (value: Figure | undefined, column: NamedColumn, isFirst: boolean): string => {
  const text = formatFigure(value ?? null, column)
  return text === '' && isFirst ? NOT_SAID : text
}

const textRows = ({ columns, rows }: ViewAnswer): readonly (readonly string[])[] =>
  rows.map((row) => columns.map((column, index) => cellText(row[column.name], column, index === 0)))

const bodyOf = (answer: ViewAnswer, { color, width }: Terminal): string => {
  const paint = verdictPaint(color)
  const leading = leadingCountOf(answer.columns)
  const columns = answer.columns.map(
    (column, index): TextColumn => ({
      name: column.name,
      align: isNumeric(column) ? 'right' : 'left',
      leads: index < leading,
      ...(column.unit === 'verdict' ? { paint } : {}),
    }),
  )
  const rows = textRows(answer)
  const [only] = rows
  if (only === undefined) return 'No rows. Values with calls: outlay kpi dim-values --dimension tenant'
  if (rows.length > 1 || fitsWidth(columns, rows, width)) return renderTextTable(columns, rows, width)
  const nameWidth = Math.max(...columns.map(({ name }) => name.length))
  return columns
    .map(({ name, paint: painted }, index) =>
      `${name.padEnd(nameWidth)}  ${(painted ?? String)(only[index] ?? '')}`.trimEnd(),
    )
    .join('\n')
}

const isEverything = (value: unknown): boolean => Array.isArray(value) && value.length === 1 && value[0] === '*'

const momentText = (iso: string): string => iso.replace('T', ' ').replace(/:00Z$|Z$/, '')

/** What was asked: `2026-10-01 00:00 to 2026-11-01 00:00 UTC · by tenant · tenants acme · book current`. */
export const argumentsText = ({ database, arguments: given }: ViewAnswer): string => {
  const { from_time: from, to_time: to, as_of: asOf, ...others } = given
  const times =
    from !== undefined && to !== undefined
      ? [`${momentText(String(from))} to ${momentText(String(to))} UTC`]
      : asOf === undefined
        ? []
        : [`as of ${momentText(String(asOf))} UTC`]
  const rest = Object.entries(others)
    .filter(([, value]) => !isEverything(value))
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${Array.isArray(value) ? value.join(', ') : String(value)}`)
  return [database, ...times, ...rest].join(' · ')
}

/** Rows that were not asked for; undefined where all are here. */
export const moreText = ({ arguments: { top }, rows }: ViewAnswer): string | undefined =>
  top === rows.length ? `The first ${top} rows; more with --top.` : undefined

export const renderView = (answer: ViewAnswer, terminal: Terminal): string => {
  const colors = createColors(terminal.color)
  const count = answer.rows.length
  return [
    colors.bold(answer.question),
    colors.dim(argumentsText(answer)),
    '',
    bodyOf(answer, terminal),
    '',
    ...(count === 0 ? [] : [moreText(answer) ?? `${count} row${count === 1 ? '' : 's'}.`]),
    colors.dim(`What the columns mean: outlay kpi ${typedNameOf(answer.view)} --describe`),
    '',
  ].join('\n')
}
