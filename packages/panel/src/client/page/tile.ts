/** One KPI on the home page: figure, verdict, change, course, lever, coverage. The whole tile is one link. */
import type { Figure, Tile, Window } from '#src/shared/answers.ts'
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

const beforeText = ({ calendar }: Tile, { from, to }: Window): string =>
  calendar ? `since ${dayText(from)}` : `on the ${lengthText(from, to)} before`

export const deltaText = (tile: Tile, window: Window): HTMLElement => {
  const { kind, change, before } = tile.delta
  const against = beforeText(tile, window)
  if (change === null) {
    const why =
      before.value === null ? 'nothing to compare with' : tile.headline.value === null ? 'no figure now' : 'was 0'
    return h('p', { class: 'tile-delta' }, `${why} ${against}`)
  }
  const was = before.value === null ? '' : `was ${displayFigure(before.unit, before.value)}`
  return h('p', { class: 'tile-delta', title: was }, h('strong', {}, displayChange(kind, change)), ` ${against}`)
}

const detail = (term: string, text: string, className?: string): HTMLElement =>
  h('div', { class: className }, h('dt', {}, term), h('dd', {}, text))

const COMPLETE = 1

const coverage = ({ priced_share: share, unpriced_calls: unpriced }: Tile): HTMLElement | undefined =>
  share === null || share >= COMPLETE
    ? undefined
    : detail('Priced', `${displayShare(share)}, ${displayFigure('count', unpriced)} calls not`, 'tile-unpriced')

export const tileDetails = (tile: Tile): HTMLElement =>
  h(
    'dl',
    { class: 'tile-details' },
    verdictNamed(tile.band) === 'none' ? undefined : detail('Verdict on', tile.band_of),
    detail('Lever', tile.lever),
    coverage(tile),
  )

const sparklineLabel = ({ title, series }: Tile): string => {
  const known = series.filter(({ value }) => value !== null)
  const [first, last] = [known[0], known.at(-1)]
  return first && last ? `${title}, daily from ${dayText(first.day)} to ${dayText(last.day)}` : title
}

export const renderTile = (tile: Tile, window: Window): HTMLElement => {
  const { name, title, headline, meaning, band, series } = tile
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
      sparkline(series, sparklineLabel(tile)),
    ),
    deltaText(tile, window),
    tileDetails(tile),
  )
}
