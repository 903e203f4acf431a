/** The window of a question once its book is known, and how every answer repeats it. */
import type { Window } from '#src/shared/answers.ts'

export interface AskedWindow {
  readonly database: string
  /** Databases that this panel serves. */
  readonly databases: readonly string[]
  /** Unix seconds, half open. */
  readonly from: number
  readonly to: number
  readonly book: string
}

const MS_PER_SECOND = 1_000

const isoOf = (seconds: number): string => new Date(seconds * MS_PER_SECOND).toISOString()

export const windowOf = ({ database, databases, from, to, book }: AskedWindow): Window => ({
  database,
  databases,
  from: isoOf(from),
  to: isoOf(to),
  book,
})
