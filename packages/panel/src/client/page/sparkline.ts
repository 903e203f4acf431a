/** Our own small line: days from left to right, a gap where a day has no figure, a dot on the last one. */
import type { SeriesPoint } from '#src/shared/answers.ts'
import { svg } from './element.ts'

const WIDTH = 120
const HEIGHT = 36
const MARGIN = 3

interface Spot {
  readonly x: number
  readonly y: number
}

/** Runs of neighbouring days that have a figure. */
const spotsOf = (points: readonly SeriesPoint[]): readonly (readonly Spot[])[] => {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]))
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, points.length - 1)
  const runs: Spot[][] = [[]]
  for (const [index, { value }] of points.entries()) {
    if (value === null) runs.push([])
    else {
      const height = most === least ? 0.5 : (value - least) / (most - least)
      runs.at(-1)?.push({ x: MARGIN + index * step, y: HEIGHT - MARGIN - height * (HEIGHT - 2 * MARGIN) })
    }
  }
  return runs.filter((run) => run.length > 0)
}

const line = (run: readonly Spot[]): string =>
  run.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')

const area = (run: readonly Spot[]): string =>
  `${line(run)}L${run.at(-1)?.x.toFixed(1)} ${HEIGHT}L${run[0]?.x.toFixed(1)} ${HEIGHT}Z`

/** Undefined where there is nothing to draw. */
export const sparkline = (points: readonly SeriesPoint[], label: string): SVGElement | undefined => {
  const runs = spotsOf(points)
  const last = runs.at(-1)?.at(-1)
  if (last === undefined) return undefined
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: 'sparkline',
      role: 'img',
      'aria-label': label,
      preserveAspectRatio: 'none',
    },
    svg('path', { d: runs.map(area).join(''), class: 'sparkline-area' }),
    svg('path', { d: runs.map(line).join(''), class: 'sparkline-line' }),
    svg('circle', { cx: last.x, cy: last.y, r: 2.4, class: 'sparkline-last' }),
  )
}
