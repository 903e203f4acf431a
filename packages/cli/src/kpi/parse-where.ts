/** `--where tenant=acme --where feature=a,b` → filters of a view. */
import { suggestionFor } from '@outlay/pricing'
import {
  type Answerable,
  DIMENSION_NAMES,
  DIMENSIONS,
  type Dimension,
  dimensionsOf,
  type Filter,
} from './view-flags.ts'

export type Filters = { readonly [filter in Filter]?: readonly string[] }

/** Tells a problem of one flag; the caller reports all of them together. */
export type Refuse = (flag: string, problem: string) => void

const SEPARATOR = /(?<!\\),/

/** A comma that belongs to a value is written `\,`. */
const valuesOf = (text: string): readonly string[] => text.split(SEPARATOR).map((value) => value.replaceAll('\\,', ','))

const dimensionOf = (text: string): Dimension | undefined => DIMENSION_NAMES.find((dimension) => dimension === text)

/** Filters of the view; what is wrong goes to `refuse`. */
export const parseWhere = (view: Answerable, conditions: readonly string[], refuse: Refuse): Filters => {
  const taken = dimensionsOf(view)
  const filters: { [filter in Filter]?: readonly string[] } = {}
  for (const condition of conditions) {
    const [key = '', ...rest] = condition.split('=')
    const flag = `--where ${condition}`
    const dimension = dimensionOf(key)
    const values = valuesOf(rest.join('='))
    if (rest.length === 0) refuse(flag, 'want NAME=VALUE, such as tenant=acme')
    else if (dimension === undefined) {
      refuse(flag, `nothing is called ${JSON.stringify(key)}${suggestionFor(key, taken)}; want ${taken.join(', ')}`)
    } else if (!taken.includes(dimension)) {
      refuse(flag, `${view.name} cannot be filtered by ${dimension}; want ${taken.join(', ') || 'no --where'}`)
    } else if (filters[DIMENSIONS[dimension]] !== undefined) {
      refuse(flag, `${dimension} is given twice; want one --where ${dimension}=a,b`)
    } else if (values.length > 1 && values.includes('')) {
      refuse(flag, 'a value is empty; want values between commas, or none at all for calls without one')
    } else filters[DIMENSIONS[dimension]] = values
  }
  return filters
}
