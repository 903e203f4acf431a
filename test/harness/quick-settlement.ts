/** Short enough not to be waited for, long enough that a trace sent in one go is settled in one go. */
export const QUICK = { quietPeriodMs: 50, quietPeriodOwnDialectMs: 50, unitAgeMs: 20, pricePollMs: 200 } as const
