/** What can be wrong with a price book. Every problem is collected; nothing stops at the first. */
import { OutlayError } from '@outlay/core'

/** Stable codes of single problems, each with what it means. All of them arrive together under `E_PRICE_BOOK`. */
export const PROBLEM_CODES = {
  E_YAML: 'the file is not YAML, or a key is given twice',
  E_FORMAT: 'a value of the wrong type or shape',
  E_UNKNOWN_KEY: 'a key that the format does not have',
  E_UNKNOWN_METER: 'a meter that does not exist',
  E_UNKNOWN_TIER: 'a service tier that does not exist, or that the provider does not list',
  E_UNKNOWN_REGION: 'a canonical region that the provider does not list',
  E_UNKNOWN_SOURCE: 'a source that `sources` does not list',
  E_UNKNOWN_CALENDAR: 'a calendar or a label that `calendars` does not list',
  E_NUMBER_NOT_TEXT: 'a price or factor written as a number, which would pass through a float',
  E_DECIMALS: 'not a plain decimal of at most 9 places before and after the point, perhaps after multiplication',
  E_NOT_EXACT: 'price × 9·10¹⁵ ÷ per is not a whole number, or leaves ninths on a meter that cannot carry them',
  E_FUSD_RANGE: 'the price of one unit is beyond Int64 femto-units',
  E_NO_PROVENANCE: 'a cell without source, date or grade',
  E_INSTANT: 'not a date or an instant with a zone, or outside 1970–2105',
  E_WINDOW: 'a window that is empty or reaches outside its model',
  E_OFF_SLOT: 'an edge inside a 30-minute slot',
  E_NOT_AN_EDGE: 'a threshold that is not a band edge',
  E_BANDS: 'bands that do not fit the thresholds of their sheet',
  E_THRESHOLDS_DIFFER: 'different thresholds inside one sheet and time',
  E_OVERLAP: 'two prices of one key at the same time',
  E_TWO_CURRENCIES: 'two currencies on one sheet',
  E_NAME_CLASH: 'one name that means two models at the same time',
  E_CONFLICT: 'two declarations that contradict each other',
  E_AMBIGUOUS_TTL: 'cache writes of unknown time to live on a sheet with several',
  E_CARD: 'a card in the wrong place, or one that builds on a card which does not exist',
  E_RULE: 'a contract rule that is neither a discount nor a multiplier, or concerns no price',
  E_UNKNOWN_MODEL: 'a contract for a model that has no list price and no name',
  E_PAST: 'an import that would change what was already charged',
  E_JUMP: 'an import that moves a price more than tenfold, or to 0',
  E_VANISHED: 'an import in which too many known models are missing',
  E_GRADE: 'an import that replaces a price by one that is less sure',
  E_STALE: 'an import that is older than the price which it would replace',
  E_CYCLE: 'meters that inherit from each other in a circle',
  E_DERIVED: 'fusd or ninths that do not follow from price and per',
} as const

export type ProblemCode = keyof typeof PROBLEM_CODES

export interface PriceBookProblem {
  readonly code: ProblemCode
  /** `seed.yaml:83`, or the row for a book without a file. */
  readonly where: string
  readonly what: string
  /** What to do about it. */
  readonly fix?: string
}

/** A line of an authored file. */
export interface Place {
  readonly file: string
  readonly line: number
}

export const placeText = ({ file, line }: Place): string => `${file}:${line}`

/** A refused price book: `problems` holds all of them, the message too, one per line. */
export class PriceBookError extends OutlayError {
  readonly problems: readonly PriceBookProblem[]

  constructor(problems: readonly PriceBookProblem[]) {
    const lines = problems.map(
      ({ code, where, what, fix }) => `\n  ${where} ${code} ${what}${fix === undefined ? '' : `. ${fix}`}`,
    )
    super('E_PRICE_BOOK', `price book refused, ${problems.length} problem(s), nothing was loaded:${lines.join('')}`)
    this.name = 'PriceBookError'
    this.problems = problems
  }
}
