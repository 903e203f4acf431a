/** Times as people write them; always UTC, as the ledger's months and days are. */

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' })
const MS_PER_DAY = 86_400_000
const SECONDS_PER_MINUTE = 60

export const dayText = (iso: string): string => DAY.format(new Date(iso))

const instantText = (iso: string): string =>
  iso.endsWith('T00:00:00.000Z') ? dayText(iso) : `${dayText(iso)}, ${iso.slice(11, 16)}`

/** `30 days`, `5 hours`: the length of a window. */
export const lengthText = (from: string, to: string): string => {
  const days = (Date.parse(to) - Date.parse(from)) / MS_PER_DAY
  if (days >= 1) return Math.round(days) === 1 ? 'day' : `${Math.round(days)} days`
  return `${Math.max(1, Math.round(days * 24))} hours`
}

export const windowText = (from: string, to: string): string => `${instantText(from)} – ${instantText(to)} UTC`

/** How old figures are; empty for new ones. */
export const ageText = (seconds: number): string => {
  if (seconds <= 0) return ''
  return seconds < SECONDS_PER_MINUTE ? `${seconds} s old` : `${Math.round(seconds / SECONDS_PER_MINUTE)} min old`
}
