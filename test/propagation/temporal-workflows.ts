/** Code of workflows, as it runs in Temporal's sandbox. */
import { continueAsNew, executeChild, proxyActivities, proxyLocalActivities } from '@temporalio/workflow'

interface Activities {
  answer(): Promise<string>
}

const { answer } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' })
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 minute' })

/** Starts one of each at once. */
export const triage = async (): Promise<void> => {
  await Promise.all([answer(), local.answer(), executeChild('child', { args: [] })])
}

export const renewed = (): Promise<void> => continueAsNew()
