/** Instants as authors write them: a bare date is 00:00 UTC of that day; a time of day must name its zone. */
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?(Z|[+-]\d{2}:\d{2})$/

const midnightOf = (text: string): number | undefined => {
  const ms = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Date.parse rolls 30 February over to March: such a day does not exist.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : ms / 1000
}

/** Unix seconds of `2026-09-22` or `2026-08-16T16:00:00Z`; undefined for anything else. */
export const parseInstant = (text: string): number | undefined => {
  const match = INSTANT.exec(text)
  if (match === null) return midnightOf(text)
  const [, day = '', hour = '', minute = '', second = '00', zone = ''] = match
  if (midnightOf(day) === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}${zone}`)
  return Number.isNaN(ms) ? undefined : ms / 1000
}

/** `2026-09-22T00:00:00Z` of unix seconds. */
export const formatInstant = (atSeconds: number): string =>
  new Date(atSeconds * 1000).toISOString().replace('.000Z', 'Z')

/** Same instant some months later, in unix seconds; the day is cut to the length of the month. */
export const addMonths = (atSeconds: number, months: number): number => {
  const date = new Date(atSeconds * 1000)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth() + months
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) / 1000
}
