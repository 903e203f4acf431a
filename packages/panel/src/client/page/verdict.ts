/** A verdict as word, shape and colour together: none of them alone carries it. */
import { VERDICTS, type VerdictName, verdictNamed } from '#src/shared/verdicts.ts'
import { h, svg } from './element.ts'

const SHAPES: Readonly<Record<VerdictName, () => SVGElement>> = {
  ok: () => svg('circle', { cx: 6, cy: 6, r: 5 }),
  watch: () =>
    svg(
      'g',
      {},
      svg('circle', { cx: 6, cy: 6, r: 4.25, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }),
      svg('path', { d: 'M6 1.75a4.25 4.25 0 0 1 0 8.5z' }),
    ),
  warn: () => svg('path', { d: 'M6 .8 11.6 11H.4z' }),
  act: () => svg('rect', { x: 1, y: 1, width: 10, height: 10, rx: 1.5 }),
  low: () => svg('path', { d: 'M6 11.2.4 1h11.2z' }),
  none: () => svg('circle', { cx: 6, cy: 6, r: 4.25, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }),
}

export const verdictBadge = (band: string): HTMLElement => {
  const name = verdictNamed(band)
  return h(
    'span',
    { class: `verdict verdict-${name}` },
    svg('svg', { viewBox: '0 0 12 12', 'aria-hidden': 'true', class: 'verdict-shape' }, SHAPES[name]()),
    VERDICTS[name],
  )
}
