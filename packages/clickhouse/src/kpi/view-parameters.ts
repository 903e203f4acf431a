/** Every parameter that a view may take: its ClickHouse type and what it means. */
export const PARAMETER_DEFINITIONS = {
  from_time: { type: "DateTime('UTC')", comment: 'Start of the window, included; rounded down to its 30-minute slot' },
  to_time: { type: "DateTime('UTC')", comment: 'End of the window, excluded' },
  as_of: {
    type: "DateTime('UTC')",
    comment:
      'The moment that is asked about, excluded; never beyond now. Its month is the one that holds the moment before it',
  },
  step: { type: 'UInt32', comment: 'Width of a bucket of time in seconds; less than 1800 counts as 1800' },
  by: { type: 'String', comment: 'What a row stands for; `all` gives one row' },
  top: { type: 'UInt32', comment: 'How many rows, the first in the order of the view' },
  min_ratio: { type: 'Float64', comment: 'Rows above this multiple' },
  feature: { type: 'String', comment: 'The one feature that is asked about' },
  dimension: { type: 'String', comment: 'tenant, feature, tier, workload, model or environment' },
  tenants: { type: 'Array(String)', comment: "Only these tenants; ['*'] selects everything" },
  features: { type: 'Array(String)', comment: "Only these features; ['*'] selects everything" },
  tiers: { type: 'Array(String)', comment: "Only calls of these tiers; ['*'] selects everything" },
  workloads: { type: 'Array(String)', comment: "Only these workloads; ['*'] selects everything" },
  models: {
    type: 'Array(String)',
    comment: "Only calls of these models, as calls spell them; ['*'] selects everything",
  },
  environments: { type: 'Array(String)', comment: "Only these environments; ['*'] selects everything" },
  book: { type: 'String', comment: 'Price book: current, a revision such as r1, staged, or a what-if book' },
  other_book: { type: 'String', comment: 'The price book to compare with' },
  currency: { type: 'String', comment: 'Currency that amounts are converted to, ISO 4217' },
  provider: { type: 'String', comment: 'Who bills' },
} as const

export type ViewParameter = keyof typeof PARAMETER_DEFINITIONS
