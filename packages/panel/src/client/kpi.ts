/** The page of one KPI: what it is now, its course, and the table of its view. */
import type { Aged, KpiTable, Overview } from '#src/shared/answers.ts'
import './style/base.css'
import './style/kpi.css'
import { addressOf, parameter, questionOf, remember } from './page/address.ts'
import { ask } from './page/ask.ts'
import { tableControls } from './page/table-controls.ts'
import { dataTable } from './page/data-table.ts'
import { h } from './page/element.ts'
import { searchField } from './page/search-field.ts'
import { seriesSection } from './page/series-section.ts'
import { listenToKeys } from './page/shortcuts.ts'
import { loading, refusal, windowLine } from './page/states.ts'
import { applyStoredTheme } from './page/theme.ts'
import { deltaText, figureText, tileDetails } from './page/tile.ts'
import { layOutPage } from './page/top-bar.ts'
import { verdictBadge } from './page/verdict.ts'

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

/** The figure of the tile that led here. It is asked for beside the table, and the table does not wait for it. */
const showHeadline = async (place: HTMLElement, kpi: number): Promise<void> => {
  const asked = await ask<Overview>(addressOf('/api/panel/overview'))
  const tile = asked.ok ? asked.answer.tiles.find((candidate) => candidate.kpi === kpi) : undefined
  if (!asked.ok || tile === undefined) return
  place.replaceChildren(
    h('div', { class: 'summary-figure' }, figureText(tile.headline, 'tile-figure'), verdictBadge(tile.band)),
    h('div', {}, h('p', { class: 'tile-meaning' }, tile.meaning), deltaText(tile, asked.answer)),
    tileDetails(tile),
  )
}

const showTable = (table: KpiTable & Aged, place: HTMLElement, search: HTMLInputElement): void => {
  const { page, calendar } = table
  const rows = dataTable(table)
  search.addEventListener('input', () => rows.find(search.value.trim()))
  const summary = h('section', { class: 'summary', 'aria-label': 'Headline figure' })
  place.replaceChildren(
    h('p', { class: 'question' }, page.question),
    windowLine(table, calendar),
    ...(page.kpi === null ? [] : [summary]),
    ...seriesSection(table),
    tableControls(table),
    rows.element,
  )
  rows.find(parameter('q') ?? '')
  if (page.kpi !== null) void showHeadline(summary, page.kpi)
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
  if (asked.ok && input !== null) showTable(asked.answer, content, input)
  else if (!asked.ok) content.replaceChildren(refusal(asked.error))
  content.removeAttribute('aria-busy')
}

applyStoredTheme()
await showKpi()
