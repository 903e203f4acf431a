/** What the ledger must say about an answer of the stub, as finely as the emitter can tell. */
import { inputTotalOf, outputTotalOf } from '@outlay/core'
import type { StubServed } from '@outlay/testkit'
import type { Sight } from './emitter.ts'
import type { LedgerCall } from './ledger-calls.ts'
import { folded, seenMeters, servedMeters } from './served-meters.ts'

/** Said of calls of which several records were joined. */
const JOINED: ReadonlySet<string> = new Set(['detail_from_outer', 'duplicate_response', 'reasoning_over_output'])

type ComparedCall = Omit<LedgerCall, 'task' | 'ruleId' | 'scope' | 'service'>

export const expectedCall = (answer: StubServed, sight: Sight): ComparedCall => {
  const whole = seenMeters(servedMeters(answer), sight)
  const meters = folded(whole, sight.folds)
  const flags = [...(sight.flags ?? []), ...(meters.cache_write_unknown === undefined ? [] : ['cache_ttl_unknown'])]
  return {
    meters,
    // Sums of what was served: however coarse the meters are, the totals are not.
    inputTotal: inputTotalOf(whole),
    outputTotal: outputTotalOf(whole),
    usageStatus: 'reported',
    cacheSplit: sight.cacheSplit ?? 'reported',
    flags: flags.sort(),
    provider: sight.hidesProvider === true ? '' : (answer.api.split('.')[0] ?? ''),
    model: answer.model,
    tenant: 'acme',
  }
}

/** What of a ledger row is compared. */
export const comparableCall = (call: LedgerCall, { joined }: Sight): ComparedCall => {
  const { meters, inputTotal, outputTotal, usageStatus, cacheSplit, provider, model, tenant } = call
  const flags = call.flags.filter((flag) => joined !== true || !JOINED.has(flag))
  return { meters, inputTotal, outputTotal, usageStatus, cacheSplit, flags: flags.sort(), provider, model, tenant }
}
