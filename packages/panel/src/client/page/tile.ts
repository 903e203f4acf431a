/** One KPI on the home page: figure, verdict, change, course, lever, coverage. The whole tile is one link. */
import type { Before, Course, Courses, Figure, SeriesPoint, Tile, Window } from '#src/shared/answers.ts'
import { changeOf } from '#src/shared/change-of.ts'
import { displayChange, displayFigure, displayShare } from '#src/shared/format-figure.ts'
import { verdictNamed } from '#src/shared/verdicts.ts'
import { addressOf } from './address.ts'
import { h } from './element.ts'
import { sparkline } from './sparkline.ts'
import { dayText, lengthText } from './time-text.ts'
import { verdictBadge } from './verdict.ts'

/** The figure, or the reason for its absence in its place. */
export const figureText = ({ unit, value, reason }: Figure, className: string): HTMLElement =>
  value === null
    ? h('p', { class: `${className} null` }, reason ?? 'no data')
    : h('p', { class: className }, displayFigure(unit, value))

/** Where the change will stand: the tile does not wait for it, and does not move when it comes. */
const deltaPlace = ({ name }: Tile): HTMLElement => h('p', { class: 'tile-delta', 'data-delta': name }, '\u00a0')

const againstText = ({ calendar }: Tile, { from, to }: Window): string =>
  calendar ? `since ${dayText(to)}` : `on the ${lengthText(from, to)} before`

/** What the figure was in the window before, as a change or in words. */
const deltaParts = (tile: Tile, before: Before): readonly (Node | string)[] => {
  const was = before.headlines[tile.name]
  const change = was === undefined ? undefined : changeOf(tile.headline, was)
  if (change !== undefined) return [h('strong', {}, displayChange(change)), ` ${againstText(tile, before)}`]
  return [was === undefined || was.value === null ? 'No figure before to compare with' : 'No change to tell']
}

/** Shows the changes on a page that has these tiles. */
export const showDeltas = (tiles: readonly Tile[], before: Before): void => {
  for (const tile of tiles) {
    const place = document.querySelector(`[data-delta="${tile.name}"]`)
    place?.replaceChildren(...deltaParts(tile, before))
  }
}

const detail = (term: string, text: string, className?: string): HTMLElement =>
  h('div', { class: className }, h('dt', {}, term), h('dd', {}, text))

const coverage = ({ priced_share: share, unpriced_calls: unpriced }: Tile): HTMLElement | undefined =>
  share === null || unpriced === '0'
    ? undefined
    : detail('Priced', `${displayShare(share)}, ${displayFigure('count', unpriced)} charges not`, 'tile-unpriced')

const tileDetails = (tile: Tile): HTMLElement =>
  h(
    'dl',
    { class: 'tile-details' },
    verdictNamed(tile.band) === 'none' ? undefined : detail('Verdict on', tile.band_of),
    detail('Lever', tile.lever),
    coverage(tile),
  )

const sparklineLabel = (title: string, points: readonly SeriesPoint[]): string => {
  const known = points.filter(({ value }) => value !== null)
  const [first, last] = [known[0], known.at(-1)]
  return first && last ? `${title}, daily from ${dayText(first.day)} to ${dayText(last.day)}` : title
}

const NO_COURSE: Pick<Course, 'title' | 'points'> = { title: '', points: [] }

/** Draws the courses on a page that has these tiles. */
export const showSparklines = (tiles: readonly Tile[], { courses }: Courses): void => {
  for (const { name, kpi } of tiles) {
    const { title, points } = courses[kpi] ?? NO_COURSE
    const drawn = sparkline(points, sparklineLabel(title, points))
    if (drawn) document.querySelector(`[data-course="${name}"]`)?.replaceChildren(drawn)
  }
}

/** The figure with what it means, how it changed, and what its verdict and lever are. */
export const tileSummary = (tile: Tile): readonly HTMLElement[] => [
  h('div', { class: 'summary-figure' }, figureText(tile.headline, 'tile-figure'), verdictBadge(tile.band)),
  h('div', {}, h('p', { class: 'tile-meaning' }, tile.meaning), deltaPlace(tile)),
  tileDetails(tile),
]

export const renderTile = (tile: Tile): HTMLElement => {
  const { name, title, headline, meaning, band } = tile
  const about = `about-${name}`
  return h(
    'li',
    { class: `tile band-${verdictNamed(band)}`, 'data-kpi': name, 'data-find': `${title} ${meaning} ${name}` },
    h(
      'div',
      { class: 'tile-head' },
      h('h3', {}, h('a', { href: addressOf(`/kpi/${name}`), 'aria-describedby': about }, title)),
      verdictBadge(band),
    ),
    h(
      'div',
      { class: 'tile-main' },
      h('div', { id: about }, figureText(headline, 'tile-figure'), h('p', { class: 'tile-meaning' }, meaning)),
      h('div', { class: 'tile-course', 'data-course': name }),
    ),
    deltaPlace(tile),
    tileDetails(tile),
  )
}
