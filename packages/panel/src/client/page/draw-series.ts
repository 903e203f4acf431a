/** The line of a series, drawn as SVG in the colours of the theme. Its text alternative stands beside it. */
import { LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { SeriesPoint } from '#src/shared/answers.ts'

use([LineChart, GridComponent, TooltipComponent, SVGRenderer])

type Chart = ReturnType<typeof init>
const charts = new WeakMap<HTMLElement, Chart>()

const chartIn = (place: HTMLElement): Chart => {
  const known = charts.get(place)
  if (known !== undefined) return known
  const chart = init(place, null, { renderer: 'svg' })
  charts.set(place, chart)
  new ResizeObserver(() => chart.resize()).observe(place)
  return chart
}

/** What a colour of the stylesheet is in the theme of the moment. */
const colorOf = (place: HTMLElement, name: string): string => {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  place.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

export const drawSeries = (
  place: HTMLElement,
  points: readonly SeriesPoint[],
  format: (value: number) => string,
): void => {
  const color = (name: string): string => colorOf(place, name)
  const [accent, quiet, line, card, ink] = ['--accent', '--ink-quiet', '--line', '--card', '--ink'].map(color)
  const font = getComputedStyle(place).fontFamily
  chartIn(place).setOption({
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 250,
    grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
    textStyle: { fontFamily: font },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: card,
      borderColor: line,
      textStyle: { color: ink, fontSize: 13 },
      axisPointer: { lineStyle: { color: quiet } },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? format(value) : 'no data'),
    },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: points.map(({ day }) => day),
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { color: quiet, hideOverlap: true, formatter: (day: string) => day.slice(5) },
    },
    yAxis: {
      type: 'value',
      splitNumber: 4,
      splitLine: { lineStyle: { color: line } },
      axisLabel: { color: quiet, formatter: (value: number) => format(value) },
    },
    series: [
      {
        type: 'line',
        data: points.map(({ value }) => value),
        connectNulls: false,
        showSymbol: points.length <= 1,
        symbolSize: 6,
        lineStyle: { color: accent, width: 2 },
        itemStyle: { color: accent },
        areaStyle: { color: accent, opacity: 0.08 },
      },
    ],
  })
}
