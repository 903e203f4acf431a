/** What happens to a carrier that is not believed: it is counted, and refused by the policy of the process. */
import { diag } from '@opentelemetry/api'
import { OutlayError } from '@outlay/core'
import { currentPolicy } from '#src/attribution/policy.ts'
import { processWide } from '#src/process-wide.ts'
import type { CarrierRefusal } from './carrier.ts'

/** Carriers since the start of the process. */
export interface CarrierStats {
  readonly accepted: number
  /** By reason. */
  readonly refused: Readonly<Record<CarrierRefusal, number>>
}

const WANTED: Readonly<Record<CarrierRefusal, string>> = {
  malformed: 'what captureAttribution() gave',
  version: 'a carrier of a version that this release reads',
  too_large: 'a carrier within its size',
  unsigned: 'a signed carrier',
  unknown_key: 'one that is signed with a key of carrierKeys',
  forged: 'one whose signature fits its content',
  expired: 'one that has not expired',
  tenant: 'one of the tenant that the surrounding code works for',
  value: 'attribution whose values have the right form',
}

const FIXES: Readonly<Partial<Record<CarrierRefusal, string>>> = {
  unsigned: 'give the sending process the same carrierKeys',
  unknown_key: 'give both processes the same carrierKeys; keep an old key until the queues are drained',
  expired: 'pass a longer expiresInMs to captureAttribution()',
}

/** A carrier that was tampered with, has expired, or is from another tenant. Nothing ran with it. */
export class CarrierRefusedError extends OutlayError {
  readonly why: CarrierRefusal

  constructor(why: CarrierRefusal, cause?: unknown) {
    super('E_CARRIER', 'a carrier of attribution was refused', {
      got: why,
      want: WANTED[why],
      fix: FIXES[why] ?? 'find out who put it there: calls made with it would be billed to the wrong place',
      cause,
    })
    this.name = 'CarrierRefusedError'
    this.why = why
  }
}

const counts = processWide('carriers', () => ({ accepted: 0, refused: new Map<CarrierRefusal, number>() }))

export const carrierStats = (): CarrierStats => ({
  accepted: counts.accepted,
  refused: Object.fromEntries(
    (Object.keys(WANTED) as CarrierRefusal[]).map((why) => [why, counts.refused.get(why) ?? 0]),
  ) as Record<CarrierRefusal, number>,
})

export const countAccepted = (): void => {
  counts.accepted += 1
}

/** Counts it. */
export const countRefused = (why: CarrierRefusal): void => {
  counts.refused.set(why, (counts.refused.get(why) ?? 0) + 1)
}

/** Counts it, and throws or warns as the policy says of attribution that is missing. */
export const settleRefused = (why: CarrierRefusal, cause?: unknown): void => {
  countRefused(why)
  const error = new CarrierRefusedError(why, cause)
  if (currentPolicy().onMissing === 'throw') throw error
  diag.warn(`outlay: ${error.message}`)
}
