/**
 * Calendars (peak and off-peak) expanded into ordinary windows at compile time, so that no query ever asks for a weekday.
 * Nothing is expanded beyond the calendar's horizon or 18 months: beyond it a call is `unpriced_time` (spec: pricing §6).
 */
import { type AuthoredCalendar, WEEKDAYS } from '#src/authoring-schema.ts'
import { addMonths } from '#src/instant.ts'
import { type Interval, intersectionOf, isSlotStart, OPEN_END, subtractIntervals, unionOf } from '#src/interval.ts'
import { type PriceBookProblem, placeText } from '#src/problem.ts'
import type { YamlPath, YamlSource } from '#src/yaml-source.ts'

const DAY_SECONDS = 86_400
const MONTHS_AHEAD = 18

type CalendarRule = AuthoredCalendar['rules'][number]

/** Seconds of day of `01:00-04:00`; a range that ends before it starts runs past midnight. */
const clockRangeOf = (text: string): Interval | undefined => {
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = text.split(/[-:]/).map(Number)
  if (fromHour > 23 || fromMinute > 59 || toHour > 24 || toMinute > 59) return undefined
  const from = fromHour * 3600 + fromMinute * 60
  const to = toHour * 3600 + toMinute * 60
  if (to > DAY_SECONDS || to === from) return undefined
  return { from, to: to < from ? to + DAY_SECONDS : to }
}

const isoDayOf = (atSeconds: number): string => new Date(atSeconds * 1000).toISOString().slice(0, 10)

/** The windows of one rule inside `span`. A range belongs to the UTC day on which it starts. */
const windowsOfRule = (rule: CalendarRule, span: Interval): Interval[] => {
  const validity = intersectionOf(span, { from: rule.from ?? 0, to: rule.to ?? OPEN_END })
  if (validity === undefined) return []
  const ranges = rule.utc.map(clockRangeOf).filter((range) => range !== undefined)
  const except = new Set(rule.except ?? [])
  const windows: Interval[] = []
  const firstDay = Math.floor(validity.from / DAY_SECONDS) * DAY_SECONDS - DAY_SECONDS
  for (let midnight = firstDay; midnight < validity.to; midnight += DAY_SECONDS) {
    const weekday = WEEKDAYS[new Date(midnight * 1000).getUTCDay()]
    if (weekday === undefined || !rule.days.includes(weekday) || except.has(isoDayOf(midnight))) continue
    for (const range of ranges) {
      const window = intersectionOf(validity, { from: midnight + range.from, to: midnight + range.to })
      if (window !== undefined) windows.push(window)
    }
  }
  return windows
}

/** Last instant that may be expanded, counted from the day of the edition so that a book compiles the same for ever. */
const expansionEndOf = (calendar: AuthoredCalendar, edition: string): number =>
  Math.min(calendar.horizon, addMonths(Date.parse(edition) / 1000, MONTHS_AHEAD))

/** The windows of `label` inside `span`, sorted and disjoint. */
export const expandCalendar = (
  calendar: AuthoredCalendar,
  label: string,
  span: Interval,
  edition: string,
): readonly Interval[] => {
  const known = intersectionOf(span, { from: 0, to: expansionEndOf(calendar, edition) })
  if (known === undefined) return []
  const own = calendar.rules.filter((rule) => rule.label === label).flatMap((rule) => windowsOfRule(rule, known))
  if (label !== calendar.rest) return unionOf(own)
  const others = calendar.rules.filter((rule) => rule.label !== label).flatMap((rule) => windowsOfRule(rule, known))
  return unionOf([...own, ...subtractIntervals(known, unionOf(others))])
}

export const labelsOf = (calendar: AuthoredCalendar): readonly string[] => [
  ...new Set([calendar.rest, ...calendar.rules.map(({ label }) => label)]),
]

const checkRule = (rule: CalendarRule, source: YamlSource, path: YamlPath, problems: PriceBookProblem[]): void => {
  for (const [index, text] of rule.utc.entries()) {
    const range = clockRangeOf(text)
    const where = placeText(source.placeOf([...path, 'utc', index]))
    if (range === undefined) problems.push({ code: 'E_FORMAT', where, what: `"${text}" is not a range of the day` })
    else if (!isSlotStart(range.from) || !isSlotStart(range.to)) {
      problems.push({ code: 'E_OFF_SLOT', where, what: `"${text}" has an edge inside a 30-minute slot` })
    }
  }
  for (const edge of ['from', 'to'] as const) {
    if (rule[edge] === undefined || isSlotStart(rule[edge])) continue
    const where = placeText(source.placeOf([...path, edge]))
    problems.push({ code: 'E_OFF_SLOT', where, what: `calendar edge "${edge}" lies inside a 30-minute slot` })
  }
}

/** Edges on slots, and never two labels at once. */
export const checkCalendar = (
  calendar: AuthoredCalendar,
  source: YamlSource,
  path: YamlPath,
  problems: PriceBookProblem[],
): void => {
  for (const [index, rule] of calendar.rules.entries()) checkRule(rule, source, [...path, 'rules', index], problems)
  if (!isSlotStart(calendar.horizon)) {
    const where = placeText(source.placeOf([...path, 'horizon']))
    problems.push({ code: 'E_OFF_SLOT', where, what: 'the horizon lies inside a 30-minute slot' })
  }
  const starts = calendar.rules.map(({ from }) => from ?? 0)
  const span = { from: Math.min(...starts, calendar.horizon), to: calendar.horizon }
  const labelled = calendar.rules
    .flatMap((rule) => windowsOfRule(rule, span).map((window) => ({ ...window, label: rule.label })))
    .toSorted((a, b) => a.from - b.from)
  const clash = labelled.find((window, index) => {
    const next = labelled[index + 1]
    return next !== undefined && next.from < window.to && next.label !== window.label
  })
  if (clash === undefined) return
  const where = placeText(source.placeOf(path))
  problems.push({ code: 'E_OVERLAP', where, what: `labels overlap on ${isoDayOf(clash.from)} (${clash.label})` })
}
