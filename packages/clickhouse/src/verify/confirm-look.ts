/**
 * A ledger is written while it is looked at, and its tables are not read at one instant: an insert reaches the targets one
 * after the other. So a difference counts when it is still the same after a while.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { CheckName, CheckResult, Look } from './finding.ts'

export interface Patience {
  /** Waits between looks, in milliseconds; none where nothing is being written. */
  readonly looksAfterMs: readonly number[]
  readonly signal: AbortSignal
}

/** Looks once where nothing is found, and again where something is: what does not last is left out. */
export const confirmLook = async (
  check: CheckName,
  look: () => Promise<Look>,
  { looksAfterMs, signal }: Patience,
): Promise<CheckResult> => {
  let seen = await look()
  let lasting = seen.listed
  for (const waitMs of looksAfterMs) {
    if (seen.found === 0) break
    await delay(waitMs, undefined, { signal })
    seen = await look()
    const keys = new Set(lasting.map(({ key }) => key))
    lasting = seen.listed.filter(({ key }) => keys.has(key))
  }
  // Where not all are listed, those that are not cannot be told apart: they are counted as they were seen last.
  const unlisted = seen.found - seen.listed.length
  return {
    check,
    checked: seen.checked,
    found: lasting.length + (lasting.length === 0 ? 0 : unlisted),
    findings: lasting.map(({ finding }) => finding),
  }
}
