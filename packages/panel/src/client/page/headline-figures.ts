/** The six figures of the headline, each with what stands beside it and a link to the rows behind it. */
import type { HeadlineFigure } from '#src/shared/answers.ts'
import { displayFigure } from '#src/shared/format-figure.ts'
import { addressOf } from './address.ts'
import { h } from './element.ts'
import { figureText } from './tile.ts'
import { verdictBadge } from './verdict.ts'

const renderFigure = (figure: HeadlineFigure): HTMLElement => {
  const { name, label, page, beside, band } = figure
  return h(
    'li',
    { class: 'headline-figure', 'data-figure': name },
    h('h3', {}, page === undefined ? label : h('a', { href: addressOf(`/kpi/${page}`) }, label)),
    figureText(figure, 'headline-value'),
    beside === undefined
      ? undefined
      : h('p', { class: 'headline-beside' }, `${displayFigure('count', beside.count)} ${beside.of}`),
    band === undefined ? undefined : verdictBadge(band),
  )
}

export const renderFigures = (figures: readonly HeadlineFigure[]): HTMLElement =>
  h(
    'section',
    { class: 'headline', 'aria-labelledby': 'headline-title' },
    h('h2', { id: 'headline-title' }, 'Spend and coverage'),
    h('ul', {}, ...figures.map(renderFigure)),
  )
