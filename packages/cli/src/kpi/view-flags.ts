/** Which flag gives which parameter of a view: the one table behind parsing, refusals and descriptions. */
import type { ViewDefinition, ViewParameter } from '@outlay/clickhouse'

/** What the command line holds, unchecked. */
export interface ViewOptions {
  readonly from?: string
  readonly to?: string
  readonly asOf?: string
  readonly by?: string
  readonly where?: readonly string[]
  readonly step?: string
  readonly top?: string
  readonly minRatio?: string
  readonly feature?: string
  readonly dimension?: string
  readonly provider?: string
  readonly currency?: string
  readonly book?: string
  readonly bookAsOf?: string
  readonly otherBook?: string
}

/** What is needed of a view to read its options; the screen of all eight has such a description, too. */
export type Answerable = Pick<ViewDefinition, 'name' | 'parameters' | 'by'>

/** What `--where` and `--dimension` may name, with the filter that it becomes. */
export const DIMENSIONS = {
  tenant: 'tenants',
  feature: 'features',
  tier: 'tiers',
  workload: 'workloads',
  model: 'models',
  environment: 'environments',
} as const satisfies Readonly<Record<string, ViewParameter>>

export type Dimension = keyof typeof DIMENSIONS
export type Filter = (typeof DIMENSIONS)[Dimension]

export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as readonly Dimension[]

/** The dimensions that `--where` may name for a view. */
export const dimensionsOf = ({ parameters }: Answerable): readonly Dimension[] =>
  DIMENSION_NAMES.filter((dimension) => parameters.includes(DIMENSIONS[dimension]))

/** Options that a parameter makes available; a window can also be given by its end alone. */
const FLAGS: Readonly<Record<Exclude<ViewParameter, Filter>, readonly (keyof ViewOptions)[]>> = {
  from_time: ['from'],
  to_time: ['to', 'asOf'],
  as_of: ['asOf'],
  by: ['by'],
  step: ['step'],
  top: ['top'],
  min_ratio: ['minRatio'],
  feature: ['feature'],
  dimension: ['dimension'],
  provider: ['provider'],
  currency: ['currency'],
  book: ['book', 'bookAsOf'],
  other_book: ['otherBook'],
}

const isFilter = (parameter: ViewParameter): parameter is Filter =>
  Object.values(DIMENSIONS).some((filter) => filter === parameter)

/** Options that a view takes, in the order of its parameters. */
export const optionsOf = ({ parameters }: Answerable): readonly (keyof ViewOptions)[] => [
  ...new Set(parameters.flatMap((parameter) => (isFilter(parameter) ? (['where'] as const) : FLAGS[parameter]))),
]

/** `minRatio` → `--min-ratio`. */
export const flagOf = (option: keyof ViewOptions): string =>
  `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** What a view takes, as one line: `--from, --to, --by all|feature, --where tenant=…|model=…, --book`. */
export const flagsText = (view: Answerable): string =>
  optionsOf(view)
    .map((option) => {
      if (option === 'by') return `--by ${view.by.join('|')}`
      if (option === 'where')
        return `--where ${dimensionsOf(view)
          .map((dimension) => `${dimension}=…`)
          .join('|')}`
      return flagOf(option)
    })
    .join(', ') || 'no option'
