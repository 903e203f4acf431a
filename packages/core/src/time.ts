/**
 * UTC windows. All times inside Outlay are UTC; windows are half open [from, to).
 * A price slot is the 30-minute UTC slot that prices a call (spec: pricing §6).
 */

/** Wall clock, injected so that tests choose the time. Milliseconds since the epoch. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

export const SLOT_SECONDS = 1_800

/** Start of the 30-minute UTC slot, in seconds since the epoch. */
export const slotStartOf = (timeSeconds: number): number => Math.floor(timeSeconds / SLOT_SECONDS) * SLOT_SECONDS

export const NANOS_PER_MS = 1_000_000n
export const NANOS_PER_SECOND = 1_000_000_000n

/** `2026-11-21` of an instant in milliseconds. */
export const utcDayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)

/** First instant of the UTC calendar month, in milliseconds. */
export const monthStartMs = (timeMs: number): number => {
  const date = new Date(timeMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
