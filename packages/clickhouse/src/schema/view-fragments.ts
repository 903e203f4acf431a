/** SQL fragments that only views use: money, verdicts, filters and times. `renderSql` pastes them. */
import { assert } from '@outlay/core'

/** Exact dollars from ninths of femto-dollars. Nine is odd, so rounding to the nearest never meets a tie. */
export const usd = (expression: string): string =>
  `reinterpret(intDiv((${expression}) * 2 + if((${expression}) < 0, -9, 9), 18), 'Decimal(38, 15)')`

/** Verdict of a figure: of the last step of its band whose edge it reaches. The figure is named twice: give a column. */
const verdictOf = (id: string, figure: string): string =>
  `if(isNull(${figure}), 'none', dictGet('{{db}}.band_steps', 'verdicts', tuple(${id}))[arrayCount(edge -> edge <= ifNull(${figure}, 0), dictGet('{{db}}.band_steps', 'edges', tuple(${id})))])`

/** `{{band:id:figure}}` */
export const band = (argument: string): string => {
  const separator = argument.indexOf(':')
  assert(separator > 0, `{{band:…}} needs "id:expression", got ${argument}`)
  return verdictOf(`'${argument.slice(0, separator)}'`, argument.slice(separator + 1))
}

/** `{{band_of:id expression | figure}}`: the band id itself is computed. */
export const bandOf = (argument: string): string => {
  const [id, figure] = argument.split(' | ')
  assert(id !== undefined && figure !== undefined, `{{band_of:…}} needs "id | expression", got ${argument}`)
  return verdictOf(id, figure)
}

/** Cost per something, in ninths of femto-dollars and a count: rounded down to the femto-dollar, NULL for none. */
export const usdPer = (argument: string): string => {
  const [cost = '', count = ''] = argument.split('|').map((side) => side.trim())
  return `if(${count} > 0, reinterpret(intDiv(toInt128(${cost}), 9 * toInt128(greatest(${count}, 1))), 'Decimal(38, 15)'), NULL)`
}

/** The column that `by` names. `if` with a constant condition is folded away: what remains is the plain column. */
export const byColumn = (argument: string): string => {
  const names = argument.split(' ')
  const refusal = `toString(throwIf(1, 'by: want ${names.join(', ')}'))`
  return names.reduceRight(
    (rest, name) => `if({by:String} = '${name}', ${name === 'all' ? "'all'" : name}, ${rest})`,
    refusal,
  )
}

/** Keeps the rows that each list of values selects: the parameter `tenants` filters the column `tenant`. */
export const filters = (argument: string): string =>
  argument
    .split(' ')
    .map((name) => `(has({${name}:Array(String)}, '*') OR has({${name}:Array(String)}, ${name.replace(/s$/, '')}))`)
    .join(' AND ')

/**
 * `{{one_key:digest | columns}}`: a digest and what else rows are grouped by, as one number. Hundreds of thousands of tasks
 * are grouped by it in less time than by the columns themselves (docs/decisions/0012); what they were is `any` of a group.
 * The digest alone could already meet another one, once in 2^64: so can this.
 */
export const oneKey = (argument: string): string => {
  const [digest = '', columns] = argument.split(' | ')
  assert(columns !== undefined, `{{one_key:…}} needs "digest | columns", got ${argument}`)
  return `bitXor(${digest}, cityHash64(${columns}))`
}

const STEP = 'greatest({step:UInt32}, 1800)'

/** Aliases and conditions on time, by the name of their placeholder. */
export const times = {
  /** `WITH` of views of a range. */
  range: `toStartOfInterval({from_time:DateTime('UTC')}, INTERVAL 30 MINUTE) AS from_slot, least({to_time:DateTime('UTC')}, now('UTC')) AS to_or_now`,
  in_range: `price_slot >= from_slot AND price_slot < {to_time:DateTime('UTC')}`,
  /** `WITH` of views of a month. */
  month: `least({as_of:DateTime('UTC')}, now('UTC')) AS as_of_or_now, toStartOfMonth(as_of_or_now - 1)::DateTime('UTC') AS month_from`,
  in_month: 'price_slot >= month_from AND price_slot < as_of_or_now',
  /** Part of the month that has passed, 0 to 1. */
  elapsed:
    '((toUnixTimestamp(as_of_or_now) - toUnixTimestamp(month_from)) / (toUnixTimestamp(addMonths(month_from, 1)) - toUnixTimestamp(month_from)))',
  bucket: `toDateTime(intDiv(toUnixTimestamp(price_slot), ${STEP}) * ${STEP}, 'UTC')`,
} as const
