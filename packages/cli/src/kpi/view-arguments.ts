/** Options of the command line → arguments of a view. Every option that is wrong is told at once. */
import type { KpiArguments } from '@outlay/clickhouse'
import { OutlayError, SLOT_SECONDS } from '@outlay/core'
import { suggestionFor } from '@outlay/pricing'
import { parseInstant } from '#src/parse-option.ts'
import { parseWhere, type Refuse } from './parse-where.ts'
import { type Answerable, DIMENSION_NAMES, flagOf, flagsText, optionsOf, type ViewOptions } from './view-flags.ts'

export const DEFAULT_DAYS = 30
const SECONDS_PER_DAY = 86_400
const SECONDS_PER: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: SECONDS_PER_DAY,
  w: 7 * SECONDS_PER_DAY,
}

/** What the type of the parameter, UInt32, holds. */
const STEP_SECONDS_MAX = 2 ** 32 - 1

type Arguments = { -readonly [parameter in keyof KpiArguments]: KpiArguments[parameter] }

/** Whole Unix seconds: views count in them. */
const secondsOf = (text: string, option: keyof ViewOptions, refuse: Refuse): number | undefined => {
  try {
    return Math.floor(parseInstant(text, flagOf(option)))
  } catch {
    refuse(flagOf(option), `not a time; got ${JSON.stringify(text)}; want 2026-12-01 or 2026-12-01T08:00:00Z`)
    return undefined
  }
}

const instantOf = (options: ViewOptions, option: 'from' | 'to' | 'asOf', refuse: Refuse): number | undefined => {
  const text = options[option]
  return text === undefined ? undefined : secondsOf(text, option, refuse)
}

/** The window ends at `--to` or at the moment that is asked about, and reaches 30 days back unless it is told. */
const addWindow = (args: Arguments, options: ViewOptions, now: number, refuse: Refuse): void => {
  if (options.to !== undefined && options.asOf !== undefined) {
    refuse('--as-of', 'the window ends at --to already; want one of them')
  }
  const to = instantOf(options, 'to', refuse) ?? instantOf(options, 'asOf', refuse) ?? now
  const from = instantOf(options, 'from', refuse) ?? to - DEFAULT_DAYS * SECONDS_PER_DAY
  if (from >= to) refuse('--from', 'the window is empty; want a time before its end')
  args.from_time = from
  args.to_time = to
}

const stepOf = (text: string, refuse: Refuse): number => {
  const [, digits = '', unit = 's'] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? []
  const seconds = Number(digits) * (SECONDS_PER[unit || 's'] ?? 1)
  if (digits === '') refuse('--step', `not a duration; got ${JSON.stringify(text)}; want 1d, 6h or seconds`)
  else if (seconds < SLOT_SECONDS || seconds > STEP_SECONDS_MAX) {
    refuse('--step', `got ${text}; want ${SLOT_SECONDS} to ${STEP_SECONDS_MAX} seconds`)
  }
  return seconds
}

const topOf = (text: string, refuse: Refuse): number => {
  const rows = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (rows < 1) refuse('--top', `not a number of rows; got ${JSON.stringify(text)}; want digits, at least 1`)
  return rows
}

const ratioOf = (text: string, refuse: Refuse): number => {
  const isPlain = /^\d{1,9}(\.\d{1,9})?$/.test(text)
  if (!isPlain) refuse('--min-ratio', `not a multiple; got ${JSON.stringify(text)}; want a plain decimal such as 2.5`)
  return Number(text)
}

const choiceOf = (flag: string, text: string, choices: readonly string[], refuse: Refuse): string => {
  if (!choices.includes(text)) {
    refuse(flag, `got ${JSON.stringify(text)}${suggestionFor(text, choices)}; want ${choices.join(', ')}`)
  }
  return text
}

const currencyOf = (text: string, refuse: Refuse): string => {
  if (!/^[A-Z]{3}$/.test(text))
    refuse('--currency', `not a currency; got ${JSON.stringify(text)}; want three letters such as EUR`)
  return text
}

/** What a view cannot guess. */
const REQUIRED = ['feature', 'dimension', 'provider', 'otherBook'] as const satisfies readonly (keyof ViewOptions)[]

const addSingleValues = (args: Arguments, options: ViewOptions, view: Answerable, refuse: Refuse): void => {
  const { by, step, top, minRatio, feature, dimension, provider, currency, otherBook } = options
  if (by !== undefined) args.by = choiceOf('--by', by, view.by, refuse)
  if (step !== undefined) args.step = stepOf(step, refuse)
  if (top !== undefined) args.top = topOf(top, refuse)
  if (minRatio !== undefined) args.min_ratio = ratioOf(minRatio, refuse)
  if (feature !== undefined) args.feature = feature
  if (dimension !== undefined) args.dimension = choiceOf('--dimension', dimension, DIMENSION_NAMES, refuse)
  if (provider !== undefined) args.provider = provider
  if (currency !== undefined) args.currency = currencyOf(currency, refuse)
  if (otherBook !== undefined) args.other_book = otherBook
}

/**
 * Arguments of the view but for `book`, which the ledger has to be asked about: those that were given, and its time.
 * `now` is in Unix seconds. Fails with `E_KPI_OPTION`, with all that is wrong.
 */
export const parseViewArguments = (view: Answerable, options: ViewOptions, now: number): KpiArguments => {
  const problems: string[] = []
  const refuse: Refuse = (flag, problem) => void problems.push(`${flag}: ${problem}`)
  const taken = optionsOf(view)
  const given = (Object.keys(options) as (keyof ViewOptions)[]).filter((option) => options[option] !== undefined)
  const applicable = Object.fromEntries(
    given.flatMap((option) => (taken.includes(option) ? [[option, options[option]]] : [])),
  )
  const foreign = given.filter((option) => !taken.includes(option))
  if (foreign.length > 0) refuse(foreign.map(flagOf).join(', '), `not for ${view.name}; it takes ${flagsText(view)}`)
  const args: Arguments = {}
  const used = applicable as ViewOptions
  if (view.parameters.includes('to_time')) addWindow(args, used, now, refuse)
  if (view.parameters.includes('as_of')) args.as_of = instantOf(used, 'asOf', refuse) ?? now
  addSingleValues(args, used, view, refuse)
  for (const option of REQUIRED) {
    if (taken.includes(option) && used[option] === undefined) refuse(flagOf(option), `${view.name} needs it`)
  }
  if (used.book !== undefined && used.bookAsOf !== undefined) refuse('--book-as-of', '--book names a book already')
  const filters = parseWhere(view, used.where ?? [], refuse)
  if (problems.length === 0) return { ...args, ...filters }
  throw new OutlayError('E_KPI_OPTION', `${problems.length} option(s) cannot be used:\n  ${problems.join('\n  ')}`)
}
