/** The home page: eight tiles, the six figures of the headline, and the way to every table. */
import type { Before, Courses, Overview, ViewPage } from '#src/shared/answers.ts'
import './style/base.css'
import './style/home.css'
import { addressOf, parameter, questionOf, remember } from './page/address.ts'
import { type Aged, ask, type Asked, askUntilNew } from './page/ask.ts'
import { h } from './page/element.ts'
import { renderFigures } from './page/headline-figures.ts'
import { searchField } from './page/search-field.ts'
import { listenToKeys } from './page/shortcuts.ts'
import { emptyLedger, loadingTiles, refusal, windowLine } from './page/states.ts'
import { applyStoredTheme } from './page/theme.ts'
import { renderTile, showDeltas, showSparklines } from './page/tile.ts'
import { layOutPage } from './page/top-bar.ts'

const pageLink = ({ name, title, question }: ViewPage): HTMLElement =>
  h(
    'li',
    { 'data-find': `${title} ${question} ${name}` },
    h('a', { href: addressOf(`/kpi/${name}`) }, title),
    h('span', {}, question),
  )

const tables = (pages: readonly ViewPage[]): HTMLElement =>
  h(
    'section',
    { class: 'tables', 'aria-labelledby': 'tables-title' },
    h('h2', { id: 'tables-title' }, 'Every table'),
    h('ul', {}, ...pages.map(pageLink)),
  )

/** Hides what does not hold the words that are looked for. */
const find = (text: string): void => {
  const wanted = text.toLowerCase()
  for (const item of document.querySelectorAll<HTMLElement>('[data-find]')) {
    item.hidden = !(item.dataset['find'] ?? '').toLowerCase().includes(wanted)
  }
}

const overviewOf = (overview: Overview & Aged): readonly HTMLElement[] => {
  const isEmpty = overview.calls === '0' && overview.tiles.every(({ headline }) => headline.value === null)
  return [
    windowLine(overview),
    ...(isEmpty ? [emptyLedger(overview)] : []),
    h(
      'section',
      { 'aria-labelledby': 'tiles-title' },
      h('h2', { id: 'tiles-title', class: 'unseen' }, 'The eight'),
      h('ul', { class: 'tiles' }, ...overview.tiles.map(renderTile)),
    ),
    renderFigures(overview.figures),
    tables(overview.pages),
  ]
}

/** Enter in the search opens what was found first. */
const openFirst = (event: KeyboardEvent): void => {
  if (event.key === 'Enter') document.querySelector<HTMLAnchorElement>('[data-find]:not([hidden]) a')?.click()
}

const SPARKLINE_DAYS = '30'

/** What takes longer comes when it is there. */
const showMore = async ({ tiles }: Overview, asking: Promise<Asked<Courses>>): Promise<void> => {
  const courses = await asking
  if (courses.ok) showSparklines(tiles, courses.answer)
  const before = await ask<Before>(questionOf('/api/panel/before'))
  if (before.ok) showDeltas(tiles, before.answer)
}

const showHome = async (): Promise<void> => {
  const main = layOutPage()
  const search = searchField('Find a KPI or a table', parameter('q') ?? '', (text) => {
    find(text)
    remember({ q: text === '' ? undefined : text })
  })
  search.addEventListener('keydown', openFirst)
  const content = h('div', { 'aria-busy': 'true' }, ...loadingTiles())
  main.append(h('div', { class: 'title-row' }, h('h1', {}, 'Eight KPIs'), search), content)
  listenToKeys({ up: undefined, search: () => search.querySelector('input') })
  const show = (asked: Asked<Overview>): void => {
    content.replaceChildren(...(asked.ok ? overviewOf(asked.answer) : [refusal(asked.error)]))
    content.removeAttribute('aria-busy')
    find(parameter('q') ?? '')
  }
  const courses = ask<Courses>(addressOf('/api/panel/courses', { from: undefined, days: SPARKLINE_DAYS }))
  const asked = await askUntilNew<Overview>(questionOf('/api/panel/overview'), show)
  if (asked.ok) await showMore(asked.answer, courses)
}

applyStoredTheme()
await showHome()
