import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'

/** A row of the wall with its panels. Places of panels count from the top of the section. */
export interface Section {
  /** Header; the first section has none. */
  readonly row?: { readonly id: number; readonly title: string }
  readonly panels: readonly Builder<Panel>[]
}

/** First line below a row header. */
export const BELOW_HEADER = 1
const ROW_HEIGHT = 8

/** A place on line `line` of the section, counted in panel heights below the header. */
export const place = (x: number, w: number, line = 0): { x: number; y: number; w: number; h: number } => ({
  x,
  y: BELOW_HEADER + line * ROW_HEIGHT,
  w,
  h: ROW_HEIGHT,
})
