/** The page of one KPI: what it is now, its course, and the table of its view. */
import type { Before, Courses, KpiTable, Overview } from '#src/shared/answers.ts'
import './style/base.css'
import './style/kpi.css'
import { addressOf, parameter, questionOf, remember } from './page/address.ts'
import { type Aged, ask } from './page/ask.ts'
import { tableControls } from './page/table-controls.ts'
import { dataTable } from './page/data-table.ts'
import { h } from './page/element.ts'
import { searchField } from './page/search-field.ts'
import { seriesSection } from './page/series-section.ts'
import { listenToKeys } from './page/shortcuts.ts'
import { loading, refusal, windowLine } from './page/states.ts'
import { applyStoredTheme } from './page/theme.ts'
import { showDeltas, tileSummary } from './page/tile.ts'
import { layOutPage } from './page/top-bar.ts'

const breadcrumb = (title: string): HTMLElement =>
  h(
    'nav',
    { class: 'breadcrumb', 'aria-label': 'Breadcrumb' },
    h(
      'ol',
      {},
      h('li', {}, h('a', { href: addressOf('/') }, 'All KPIs')),
      h('li', {}, h('a', { href: location.href, 'aria-current': 'page' }, title)),
    ),
  )

/** The tile that led here, its change and its course. The table does not wait for them. */
const showHeadline = async ({ page: { kpi }, filters }: KpiTable, summary: HTMLElement, course: HTMLElement) => {
  if (kpi === null) return
  const isFiltered = Object.values(filters).some((values) => values.length > 0)
  const notes = isFiltered
    ? [h('p', { class: 'summary-note' }, 'Of everything: the filters narrow the table only.')]
    : []
  const asking = ask<Courses>(addressOf('/api/panel/courses'))
  const overview = await ask<Overview>(addressOf('/api/panel/overview'))
  const tile = overview.ok ? overview.answer.tiles.find((candidate) => candidate.kpi === kpi) : undefined
  if (!overview.ok || tile === undefined) {
    summary.replaceChildren(h('p', { class: 'null' }, 'The headline figure could not be read'))
    return
  }
  summary.replaceChildren(...tileSummary(tile), ...notes)
  const courses = await asking
  const found = courses.ok ? courses.answer.courses[kpi] : undefined
  if (found) course.replaceChildren(...seriesSection(found))
  const before = await ask<Before>(addressOf('/api/panel/before'))
  if (before.ok) showDeltas([tile], before.answer)
}

const showTable = async (table: KpiTable & Aged, place: HTMLElement, search: HTMLInputElement): Promise<void> => {
  const { page, calendar } = table
  const rows = dataTable(table)
  search.addEventListener('input', () => rows.find(search.value.trim()))
  const summary = h('section', { class: 'summary', 'aria-label': 'Headline figure' }, loading())
  const course = h('div', {})
  place.replaceChildren(
    h('p', { class: 'question' }, page.question),
    windowLine(table, calendar),
    ...(page.kpi === null ? [] : [summary, course]),
    tableControls(table),
    rows.element,
  )
  place.removeAttribute('aria-busy')
  rows.find(parameter('q') ?? '')
  await showHeadline(table, summary, course)
}

const showKpi = async (): Promise<void> => {
  const name = document.body.dataset['view'] ?? ''
  const title = document.title.split(' · ')[0] ?? name
  const main = layOutPage()
  const search = searchField('Find in the table', parameter('q') ?? '', (text) =>
    remember({ q: text === '' ? undefined : text }),
  )
  const input = search.querySelector('input')
  const content = h('div', { 'aria-busy': 'true' }, loading())
  main.append(breadcrumb(title), h('div', { class: 'title-row' }, h('h1', {}, title), search), content)
  listenToKeys({ up: addressOf('/'), search: () => input })
  const asked = await ask<KpiTable>(questionOf(`/api/panel/kpi/${name}`))
  if (asked.ok && input !== null) await showTable(asked.answer, content, input)
  else if (!asked.ok) {
    content.replaceChildren(refusal(asked.error))
    content.removeAttribute('aria-busy')
  }
}

applyStoredTheme()
await showKpi()
