/** The made-up quarter: fixed, so that two runs measure the same ledger. Unix seconds. */
const DAY_SECONDS = 86_400
const SHOWN_DAYS = 30

export const QUARTER_DAYS = 90
export const QUARTER_TO = Date.UTC(2026, 10, 1) / 1_000
export const QUARTER_FROM = QUARTER_TO - QUARTER_DAYS * DAY_SECONDS

/** What the views are asked for: the last 30 days, and for calendar views the last month, October. */
export const SHOWN = {
  from: QUARTER_TO - SHOWN_DAYS * DAY_SECONDS,
  to: QUARTER_TO,
  monthFrom: Date.UTC(2026, 9, 1) / 1_000,
}

/** What is asked for single calls: noon of the last day. */
export const BUSY_HOUR = { from: QUARTER_TO - DAY_SECONDS / 2, to: QUARTER_TO - DAY_SECONDS / 2 + 3_600 }
