/** What both brokers are asked: two tenants start a task each, and every piece of work says for whom it was done. */
import { type ActiveAttribution, withAttribution, withTask } from '@outlay/instrumentation'

export const TENANTS = ['acme', 'globex'] as const
export type Tenant = (typeof TENANTS)[number]

export interface SeenWork {
  readonly what: string
  readonly attribution: ActiveAttribution | { readonly refused: string }
}

const WHO = { feature: 'inbox', workload: 'agent' } as const

export const taskOf = (tenant: Tenant): ActiveAttribution => ({
  ...WHO,
  tenant,
  task: `task of ${tenant}`,
  taskType: 'triage',
})

/** Runs `fn` for each tenant as its request would. */
export const asEachTenant = async (fn: (tenant: Tenant) => Promise<unknown>): Promise<void> => {
  const asRequest = (tenant: Tenant): Promise<unknown> =>
    withAttribution({ ...WHO, tenant }, () => withTask({ type: 'triage', id: `task of ${tenant}` }, () => fn(tenant)))
  await Promise.all(TENANTS.map(asRequest))
}

const textOf = ({ what, attribution }: SeenWork): string => {
  const names = Object.keys(attribution).toSorted()
  return `${what} ${JSON.stringify(attribution, names)}`
}

/** As lines that do not depend on who came first. */
export const inOrder = (seen: readonly SeenWork[]): readonly string[] => seen.map(textOf).toSorted()
