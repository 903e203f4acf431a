import { onTestFinished } from 'vitest'
import { type CollectorChild, type Placement, startCollectorChild } from './collector-child.ts'
import type { TestLedger } from './test-ledger.ts'

/** Only inside a test, at whose end it is gone. */
export const startKillableCollector = async (
  { engine }: TestLedger,
  placement: Omit<Placement, 'credentials'>,
): Promise<CollectorChild> => {
  const child = await startCollectorChild({ ...placement, credentials: engine.credentials.migrator })
  // A test that fails before it stops the collector must not leave it behind: the runner would wait for it.
  onTestFinished(() => child.kill())
  return child
}
