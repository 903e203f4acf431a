/** UTC days as exports write them: `2026-11-21`. */

const DAY_MS = 86_400_000

/** The day `days` after (before, if negative) a day. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
