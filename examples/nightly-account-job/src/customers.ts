/** Stands in for your database: customers with the nightly digest, and what came in for them during the day. */
export interface Customer {
  readonly tenant: string
  readonly tier: string
  readonly notes: readonly string[]
}

export const CUSTOMERS: readonly Customer[] = [
  { tenant: 'acme', tier: 'pro', notes: ['The lift is stuck again.', 'Invoice 7 was paid.'] },
  { tenant: 'globex', tier: 'free', notes: ['Stock was counted, and differs.'] },
  { tenant: 'initech', tier: 'pro', notes: ['Two new contracts.', 'One cancellation.', 'A complaint about coffee.'] },
]
