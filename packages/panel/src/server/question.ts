/** From the address to a question that can be asked: everything is checked, nothing unknown is ignored. */
import type { KpiViewName } from '@outlay/clickhouse'
import { type Clock, OutlayError } from '@outlay/core'
import { type Filter, filtersOf, groupingsOf } from './view-pages.ts'

const MS_PER_SECOND = 1_000
const SECONDS_PER_MINUTE = 60
const SECONDS_PER_DAY = 86_400
const DAYS = { default: 30, least: 1, most: 400 } as const
/** What a DateTime of the engine can hold. */
const LAST_SECOND = 2 ** 32 - 1

/** Asked of every page. */
export interface WindowQuestion {
  readonly database: string
  /** Unix seconds, half open. */
  readonly from: number
  readonly to: number
  /** Undefined: the one that holds now, or the one that was known at `asOf`. */
  readonly book: string | undefined
  readonly asOf: number | undefined
}

export interface ViewQuestion extends WindowQuestion {
  /** Empty where the view has no `by`. */
  readonly by: string
  readonly filters: Readonly<Partial<Record<Filter, readonly string[]>>>
}

const WINDOW_PARAMETERS = ['database', 'from', 'to', 'days', 'as_of', 'book'] as const

interface Served {
  readonly databases: readonly string[]
  readonly clock: Clock
}

/** Unix seconds. A bare date is 00:00 UTC; an instant names its zone. */
const parseTime = (text: string, where: string): number => {
  const seconds = Math.floor(Date.parse(text) / MS_PER_SECOND)
  const isIso = /^\d{4}-\d{2}-\d{2}($|T.*(Z|[+-]\d{2}:\d{2})$)/.test(text)
  if (isIso && seconds >= 0 && seconds <= LAST_SECOND) return seconds
  throw new OutlayError('E_TIME', 'not a time', {
    where,
    got: JSON.stringify(text),
    want: '2026-12-01 or 2026-12-01T08:00:00Z',
  })
}

const parseDays = (text: string): number => {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (days >= DAYS.least && days <= DAYS.most) return days
  throw new OutlayError('E_TIME', 'not a length of a window', {
    where: 'days',
    got: JSON.stringify(text),
    want: `a whole number from ${DAYS.least} to ${DAYS.most}`,
  })
}

const assertKnown = (search: URLSearchParams, known: readonly string[]): void => {
  const unknown = [...search.keys()].find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new OutlayError('E_PARAMETER', 'not a parameter of this page', { got: unknown, want: known.join(', ') })
}

/** The value of a parameter that may stand once; empty is as good as absent. */
const single = (search: URLSearchParams, name: string): string | undefined => {
  const values = search.getAll(name).filter((value) => value !== '')
  if (values.length <= 1) return values[0]
  throw new OutlayError('E_PARAMETER', 'given more than once', { got: name, want: 'one value' })
}

const parseDatabase = (name: string | undefined, databases: readonly string[]): string => {
  const wanted = name ?? databases[0]
  if (wanted !== undefined && databases.includes(wanted)) return wanted
  throw new OutlayError('E_DATABASE', 'this panel does not serve that database', {
    got: JSON.stringify(name),
    want: databases.join(', '),
  })
}

const windowOf = (search: URLSearchParams, { databases, clock }: Served): WindowQuestion => {
  const [from, to, days, asOf, book] = ['from', 'to', 'days', 'as_of', 'book'].map((name) => single(search, name))
  if (asOf !== undefined && book !== undefined) {
    throw new OutlayError('E_BOOK', 'book and as_of name two books', { fix: 'leave one of them out' })
  }
  if (from !== undefined && days !== undefined) {
    throw new OutlayError('E_TIME', 'from and days name two windows', { fix: 'leave one of them out' })
  }
  const known = asOf === undefined ? undefined : parseTime(asOf, 'as_of')
  const now = Math.floor(clock.now() / MS_PER_SECOND / SECONDS_PER_MINUTE) * SECONDS_PER_MINUTE
  const end = to === undefined ? (known ?? now) : parseTime(to, 'to')
  const length = (days === undefined ? DAYS.default : parseDays(days)) * SECONDS_PER_DAY
  const start = from === undefined ? end - length : parseTime(from, 'from')
  if (start >= end || start < 0) {
    throw new OutlayError('E_TIME', 'the window ends before it begins', {
      got: `from ${new Date(start * MS_PER_SECOND).toISOString()} to ${new Date(end * MS_PER_SECOND).toISOString()}`,
      want: 'from before to',
    })
  }
  return { database: parseDatabase(single(search, 'database'), databases), from: start, to: end, book, asOf: known }
}

/** The question of the home page. Fails with `E_TIME`, `E_BOOK`, `E_DATABASE`, `E_PARAMETER`. */
export const parseWindowQuestion = (search: URLSearchParams, served: Served): WindowQuestion => {
  assertKnown(search, WINDOW_PARAMETERS)
  return windowOf(search, served)
}

/** The question of one view. Also fails with `E_BY`, and with `E_PARAMETER` for a filter that the view does not have. */
export const parseViewQuestion = (view: KpiViewName, search: URLSearchParams, served: Served): ViewQuestion => {
  const filters = filtersOf(view)
  const groupings = groupingsOf(view)
  assertKnown(search, [...WINDOW_PARAMETERS, ...(groupings.length > 0 ? ['by'] : []), ...filters])
  const by = single(search, 'by') ?? groupings[0] ?? ''
  if (by !== '' && !groupings.includes(by)) {
    throw new OutlayError('E_BY', `${view} cannot be grouped by that`, { got: by, want: groupings.join(', ') })
  }
  const chosen = filters.flatMap((filter) => {
    const values = search.getAll(filter).filter((value) => value !== '')
    return values.length > 0 ? [[filter, values] as const] : []
  })
  return { ...windowOf(search, served), by, filters: Object.fromEntries(chosen) }
}
