/** Stands in for your database: what users asked to have summarized by tomorrow. */
export interface Document {
  readonly id: string
  readonly tenant: string
  readonly user: string
  readonly text: string
}

export const DOCUMENTS: readonly Document[] = [
  { id: 'lease-7', tenant: 'acme', user: 'jane@acme.example', text: 'The tenant shall keep the premises dry.' },
  { id: 'lease-8', tenant: 'acme', user: 'jane@acme.example', text: 'Rent is due on the first of the month.' },
  { id: 'audit-2026', tenant: 'globex', user: 'omar@globex.example', text: 'Stock was counted twice, and differed.' },
]
