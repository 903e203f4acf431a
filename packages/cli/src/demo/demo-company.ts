/** The made-up customers of the demo: three tenants on three tiers, five features, and what each user does in a day. */
import { hashUserId } from '@outlay/instrumentation'

/** The demo hashes its made-up users like any application would; the key protects nobody. */
export const DEMO_USER_KEY = 'outlay-demo-key-of-made-up-people'

export type Workload = 'chat' | 'agent' | 'rag'

export interface DemoFeature {
  readonly feature: string
  readonly workload: Workload
  readonly taskType: string
}

export const FEATURES = {
  supportChat: { feature: 'support-chat', workload: 'chat', taskType: 'answer' },
  docsSearch: { feature: 'docs-search', workload: 'rag', taskType: 'lookup' },
  inboxAgent: { feature: 'inbox-agent', workload: 'agent', taskType: 'inbox-triage' },
  codeReview: { feature: 'code-review', workload: 'agent', taskType: 'review' },
  reportWriter: { feature: 'report-writer', workload: 'agent', taskType: 'weekly-report' },
} as const satisfies Record<string, DemoFeature>

export interface DemoTenant {
  readonly tenant: string
  readonly name: string
  readonly tier: 'free' | 'pro' | 'enterprise'
  readonly users: number
  readonly seatPriceUsd: string | null
  readonly arrUsd: string | null
  readonly monthlyRevenueUsd: string | null
  readonly poolTokens: bigint | null
  /** Mean number of tasks of a user per working day. */
  readonly habits: readonly { readonly feature: DemoFeature; readonly perDay: number }[]
}

export const TENANTS: readonly DemoTenant[] = [
  {
    tenant: 'acme',
    name: 'Acme Logistics',
    tier: 'enterprise',
    users: 25,
    seatPriceUsd: '40',
    arrUsd: '12000',
    monthlyRevenueUsd: '1000',
    poolTokens: 16_000_000n,
    habits: [
      { feature: FEATURES.inboxAgent, perDay: 0.9 },
      { feature: FEATURES.codeReview, perDay: 0.5 },
      { feature: FEATURES.reportWriter, perDay: 0.2 },
      { feature: FEATURES.docsSearch, perDay: 1.6 },
      { feature: FEATURES.supportChat, perDay: 2 },
    ],
  },
  {
    tenant: 'northwind',
    name: 'Northwind Traders',
    tier: 'pro',
    users: 14,
    seatPriceUsd: '20',
    arrUsd: '3360',
    monthlyRevenueUsd: '280',
    poolTokens: null,
    habits: [
      { feature: FEATURES.inboxAgent, perDay: 0.6 },
      { feature: FEATURES.docsSearch, perDay: 0.8 },
      { feature: FEATURES.supportChat, perDay: 1.6 },
    ],
  },
  {
    tenant: 'hobby-hub',
    name: 'Hobby Hub',
    tier: 'free',
    users: 16,
    seatPriceUsd: null,
    arrUsd: null,
    monthlyRevenueUsd: null,
    poolTokens: null,
    habits: [{ feature: FEATURES.supportChat, perDay: 1.3 }],
  },
]

export interface DemoUser {
  readonly id: string
  readonly hash: string
  /** How much more than the mean this user does. */
  readonly appetite: number
  readonly signupMonthsAgo: number
}

// A few people do most of the work: the shape that every real user base has.
const APPETITES = [2.6, 1.8, 1.4, 1.2, 1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]

export const usersOf = ({ tenant, users }: DemoTenant): readonly DemoUser[] =>
  Array.from({ length: users }, (_, index) => {
    const id = `${tenant}-user-${index + 1}`
    return {
      id,
      hash: hashUserId(id, DEMO_USER_KEY),
      appetite: APPETITES[index % APPETITES.length] ?? 1,
      signupMonthsAgo: (index * 5) % 17,
    }
  })
