/** A view's answer for other programs and documents: JSON and CSV exact, Markdown as the table says it. */
import { type Figure, formatFigure, isNumeric } from './format-figure.ts'
import { argumentsText, moreText } from './render-view.ts'
import type { ViewAnswer } from './view-answer.ts'

const CRLF = '\r\n'

/** RFC 4180. NULL is an empty field, an empty text a quoted one. */
const csvField = (value: Figure): string => {
  if (value === null) return ''
  const text = Array.isArray(value) ? value.join(' ') : String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const renderCsv = ({ columns, rows }: ViewAnswer): string =>
  [
    columns.map(({ name }) => csvField(name)),
    ...rows.map((row) => columns.map(({ name }) => csvField(row[name] ?? null))),
  ]
    .map((fields) => `${fields.join(',')}${CRLF}`)
    .join('')

const markdownText = (text: string): string => text.replaceAll(/[\\|`*<>[\]]/g, (character) => `\\${character}`)

export const renderMarkdown = (answer: ViewAnswer): string => {
  const { columns, rows, question } = answer
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const more = moreText(answer)
  return [
    `**${markdownText(question)}**`,
    '',
    markdownText(argumentsText(answer)),
    '',
    line(columns.map(({ name }) => markdownText(name))),
    line(columns.map((column) => (isNumeric(column) ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((column) => markdownText(formatFigure(row[column.name] ?? null, column))))),
    ...(more === undefined ? [] : ['', more]),
    '',
  ].join('\n')
}

export const renderJson = (answer: unknown): string => `${JSON.stringify(answer, null, 2)}\n`
