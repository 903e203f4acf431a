/** The rows of a view: every column, sortable, NULL as its reason, verdicts as words. */
import type { Cell, Column, KpiTable, TableRow } from '#src/shared/answers.ts'
import { compareCells, type Direction } from '#src/shared/compare-cells.ts'
import { displayFigure } from '#src/shared/format-figure.ts'
import { parameter, remember } from './address.ts'
import { h } from './element.ts'
import { drillAddress } from './table-controls.ts'
import { verdictBadge } from './verdict.ts'

interface Order {
  readonly column: string
  readonly direction: Direction
}

export interface DataTable {
  readonly element: HTMLElement
  /** Shows only the rows that hold the text. */
  find(text: string): void
}

const LEFT: ReadonlySet<string> = new Set(['text', 'verdict'])
const DESCENDING_MARK = '-'

const orderOf = (sort: string | undefined, { columns, rows_by }: KpiTable): Order | undefined => {
  if (sort === undefined) return rows_by === '' ? undefined : { column: rows_by, direction: 'descending' }
  const descending = sort.startsWith(DESCENDING_MARK)
  const column = descending ? sort.slice(DESCENDING_MARK.length) : sort
  if (!columns.some(({ name }) => name === column)) return undefined
  return { column, direction: descending ? 'descending' : 'ascending' }
}

const cellContent = (table: KpiTable, column: Column, row: TableRow): Node | string => {
  const value: Cell = row.cells[column.name] ?? null
  if (value === null) return h('span', { class: 'null' }, row.reasons[column.name] ?? 'no data')
  if (column.unit === 'verdict') return verdictBadge(String(value))
  if (value === '') return h('span', { class: 'null' }, 'none')
  const text = displayFigure(column.unit, value)
  const isKey = column.name === 'key' || column.name === table.by
  const address = isKey ? drillAddress(table, String(value)) : undefined
  return address === undefined ? text : h('a', { href: address }, text)
}

const renderRow = (table: KpiTable, row: TableRow): HTMLTableRowElement =>
  h(
    'tr',
    {},
    ...table.columns.map((column, index) => {
      const attributes = { class: LEFT.has(column.unit) ? undefined : 'number', 'data-column': column.name }
      const content = cellContent(table, column, row)
      return index === 0 ? h('th', { ...attributes, scope: 'row' }, content) : h('td', attributes, content)
    }),
  )

const sortedRows = ({ columns, rows }: KpiTable, order: Order | undefined): readonly TableRow[] => {
  const column = columns.find(({ name }) => name === order?.column)
  if (order === undefined || column === undefined) return rows
  const { name, unit } = column
  return rows.toSorted((a, b) => compareCells(unit, a.cells[name] ?? null, b.cells[name] ?? null, order.direction))
}

/** A first click puts the highest figures or the first names on top, a second one turns that round. */
const directionAfter = (column: Column, order: Order | undefined): Direction => {
  const first: Direction = column.unit === 'text' ? 'ascending' : 'descending'
  if (order?.column !== column.name) return first
  return order.direction === 'descending' ? 'ascending' : 'descending'
}

const countText = ({ rows, rows_total: total, rows_by: by, columns }: KpiTable, shown: number): string => {
  const number = (count: number): string => displayFigure('count', count)
  const label = columns.find(({ name }) => name === by)?.label.toLowerCase()
  const all =
    total > rows.length
      ? `The first ${number(rows.length)} of ${number(total)} rows${label === undefined ? '' : `, highest ${label}`}. Narrow them with a filter, or ask SQL for all.`
      : `${number(total)} ${total === 1 ? 'row' : 'rows'}`
  return shown === rows.length ? all : `${number(shown)} found. ${all}`
}

export const dataTable = (table: KpiTable): DataTable => {
  let order = orderOf(parameter('sort'), table)
  let wanted = ''
  const body = h('tbody')
  const count = h('p', { class: 'row-count', role: 'status' })
  const headers = table.columns.map((column) => {
    const button = h('button', { type: 'button', title: column.description }, column.label)
    button.addEventListener('click', () => {
      order = { column: column.name, direction: directionAfter(column, order) }
      remember({ sort: `${order.direction === 'descending' ? DESCENDING_MARK : ''}${order.column}` })
      show()
    })
    const isNumber = !LEFT.has(column.unit)
    return { column, element: h('th', { scope: 'col', class: isNumber ? 'number' : undefined }, button) }
  })
  const show = (): void => {
    for (const { column, element } of headers) {
      if (order?.column === column.name) element.setAttribute('aria-sort', order.direction)
      else element.removeAttribute('aria-sort')
    }
    const rows = sortedRows(table, order).map((row) => renderRow(table, row))
    const found = rows.filter((row) => (row.textContent ?? '').toLowerCase().includes(wanted))
    body.replaceChildren(...found)
    count.textContent = countText(table, found.length)
  }
  show()
  const grid = h(
    'table',
    {},
    h('caption', { class: 'unseen' }, table.page.question),
    h('thead', {}, h('tr', {}, ...headers.map(({ element }) => element))),
    body,
  )
  return {
    element: h(
      'section',
      { 'aria-label': 'Table' },
      count,
      h('div', { class: 'table-scroll', role: 'region', 'aria-label': `${table.page.title}, rows`, tabindex: 0 }, grid),
    ),
    find: (text) => {
      wanted = text.toLowerCase()
      show()
    },
  }
}
