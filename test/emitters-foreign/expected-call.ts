/** What a served answer must look like in the ledger, and what of a row is compared with it. */
import { inputTotalOf, type MeterQuantities, outputTotalOf } from '@outlay/core'
import type { StubServed } from '@outlay/testkit'
import type { LedgerCall } from '../emitters/ledger-calls.ts'
import { folded, servedMeters } from '../emitters/served-meters.ts'
import type { Sight } from './emitter.ts'

/** They say how a row came about, not that something about it is doubtful. */
const NO_DOUBT = new Set(['duplicate_response', 'detail_from_outer', 'cache_ttl_unknown'])

export interface ComparedCall {
  readonly meters: MeterQuantities
  readonly inputTotal: number
  readonly outputTotal: number
  readonly usageStatus: string
  readonly cacheSplit: string
  readonly doubts: readonly string[]
  readonly vendor: string
  readonly model: string
  readonly tenant: string
}

const VENDORS = { openai: 'openai', anthropic: 'anthropic', gemini: 'gcp', bedrock: 'aws' } as const

const vendorOf = ({ api }: StubServed): string => VENDORS[api.split('.')[0] as keyof typeof VENDORS]

const hasCache = (meters: MeterQuantities): boolean => Object.keys(meters).some((meter) => meter.startsWith('cache_'))

export const expectedCall = (served: StubServed, sight: Sight): ComparedCall => {
  const full = servedMeters(served)
  const meters = sight.seen === undefined ? folded(full, sight.folds) : sight.seen(full, served)
  return {
    meters,
    inputTotal: inputTotalOf(meters),
    outputTotal: outputTotalOf(meters),
    usageStatus: sight.usageStatus ?? 'reported',
    cacheSplit: hasCache(full) ? (sight.cacheSplit ?? 'reported') : 'no cache',
    doubts: [...(sight.doubts ?? [])].sort(),
    vendor: vendorOf(served),
    model: served.model,
    tenant: 'acme',
  }
}

/** The answers that the emitter reports with usage. */
export const seenOf = (served: readonly StubServed[], { unseen }: Sight): readonly StubServed[] => {
  if (unseen === undefined) return served
  return unseen === 'calls' ? [] : served.slice(-1)
}

/** Without caches the split says whether an emitter would have reported them: nothing that was served. */
export const comparedCall = (call: LedgerCall, isCacheServed: boolean): ComparedCall => ({
  meters: call.meters,
  inputTotal: call.inputTotal,
  outputTotal: call.outputTotal,
  usageStatus: call.usageStatus,
  cacheSplit: isCacheServed ? call.cacheSplit : 'no cache',
  doubts: call.flags.filter((flag) => !NO_DOUBT.has(flag)).sort(),
  vendor: call.provider.split('.')[0] ?? '',
  model: call.model,
  tenant: call.tenant,
})

export const isCacheServed = (served: readonly StubServed[]): boolean =>
  served.some((answer) => hasCache(servedMeters(answer)))
