/** The course of a KPI: a chart, a sentence that says the same, and the days as a table. */
import type { Course, SeriesPoint } from '#src/shared/answers.ts'
import { displayFigure } from '#src/shared/format-figure.ts'
import { h } from './element.ts'
import { onThemeChange } from './theme.ts'
import { dayText } from './time-text.ts'

type Known = SeriesPoint & { readonly value: number }

const isKnown = (point: SeriesPoint): point is Known => point.value !== null

/** First, last, lowest and highest day in words. */
const seriesSentence = ({ title, unit, points }: Course): string => {
  const known = points.filter(isKnown)
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return `No day of this window has a figure for ${title}.`
  const text = ({ day, value }: Known): string => `${displayFigure(unit, exact(value))} on ${dayText(day)}`
  const byValue = known.toSorted((a, b) => a.value - b.value)
  const [least = first, most = last] = [byValue[0], byValue.at(-1)]
  return `From ${text(first)} to ${text(last)}; lowest ${text(least)}, highest ${text(most)}.`
}

const USD_DECIMALS = 15
/** Courses are floats, for display only; money is written out, since its text has no exponent. */
const exact = (value: number): string => value.toFixed(USD_DECIMALS)

const twin = ({ title, unit, points }: Course): HTMLElement =>
  h(
    'details',
    { class: 'twin' },
    h('summary', {}, 'Show as table'),
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Day'), h('th', { scope: 'col', class: 'number' }, title))),
      h(
        'tbody',
        {},
        ...points.map(({ day, value }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, dayText(day)),
            h(
              'td',
              { class: 'number' },
              value === null ? h('span', { class: 'null' }, 'no data') : displayFigure(unit, exact(value)),
            ),
          ),
        ),
      ),
    ),
  )

/** The library is large: only a page that draws asks for it. */
const drawInto = async (place: HTMLElement, { unit, points }: Course): Promise<void> => {
  const { drawSeries } = await import('./draw-series.ts')
  const draw = (): void => drawSeries(place, points, (value) => displayFigure(unit, exact(value)))
  draw()
  onThemeChange(draw)
}

const titleText = ({ title }: Course): string => title.charAt(0).toUpperCase() + title.slice(1)

/** Nothing where the KPI has no course. */
export const seriesSection = (series: Course): readonly HTMLElement[] => {
  if (series.points.length === 0) return []
  const place = h('div', { class: 'chart', 'aria-hidden': 'true' })
  void drawInto(place, series)
  return [
    h(
      'section',
      { class: 'series', 'aria-labelledby': 'series-title' },
      h('h2', { id: 'series-title' }, titleText(series)),
      h('p', { class: 'series-sentence' }, seriesSentence(series)),
      place,
      twin(series),
    ),
  ]
}
