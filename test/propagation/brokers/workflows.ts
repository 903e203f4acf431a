/** Workflows of an app, as they run in the sandbox of a real worker. */
import { continueAsNew, executeChild, proxyActivities, proxyLocalActivities } from '@temporalio/workflow'

interface Activities {
  answer(where: string): Promise<void>
}

const RETRY = { initialInterval: '10 ms', maximumAttempts: 3 } as const
const { answer } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute', retry: RETRY })
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 minute' })

export const child = (): Promise<void> => answer('child')

/** Five activities at once, a local one, one of a child workflow; then all of it again as a new run. */
export const triage = async (round: number): Promise<void> => {
  await Promise.all([1, 2, 3, 4, 5].map((part) => answer(`part ${part}`)))
  await local.answer('local')
  await executeChild(child)
  if (round < 2) await continueAsNew<typeof triage>(round + 1)
}
