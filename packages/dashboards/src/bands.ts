/** Bands → threshold steps and verdict words (spec: dashboards §5). Colours mean one thing on every page. */
import type { Threshold, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard'
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { BANDS, type BandId, type BandStep, type Verdict } from '@outlay/clickhouse'

export const VERDICT_COLORS: Readonly<Record<Verdict, string>> = {
  ok: 'green',
  watch: 'yellow',
  warn: 'orange',
  act: 'red',
  low: 'blue',
  none: 'text',
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  ok: 'healthy',
  watch: 'watch',
  warn: 'warn',
  act: 'act',
  low: 'too low',
  none: 'no band',
}

/** A Grafana step holds from its value on; an upper bound of ours holds only above it. Small against every band. */
const EDGE = 1e-9
const EDGE_DIGITS = 9

const valueOf = ({ lower, strict }: BandStep): number => (strict ? Number((lower + EDGE).toFixed(EDGE_DIGITS)) : lower)

/** Steps of a band, in order. The first one holds below every edge: Grafana wants its value null. */
export const thresholdSteps = (band: BandId): Threshold[] =>
  BANDS[band].map((step, index) => ({
    value: index === 0 ? null : valueOf(step),
    color: VERDICT_COLORS[step.verdict],
  }))

/** Words and colours of a verdict column, so that no meaning hangs on colour alone. */
export const verdictMappings = (): ValueMap[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(VERDICT_WORDS).map(([verdict, text], index) => [
        verdict,
        { text, color: VERDICT_COLORS[verdict as Verdict], index },
      ]),
    ),
  },
]
