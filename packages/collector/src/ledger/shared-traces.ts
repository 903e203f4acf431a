/**
 * A trace with spans in the logs of several collectors: a sender that tried another one, or gave its spans to both. Each of
 * them settles it, and each posts what the ledger lacks; so neither may look while entries of the other are on their way.
 *
 * All who see the spans of all logs agree on whose trace it is: that of the first span. Its collector waits until
 * nothing is on its way, the others until it has spoken, and find nothing left to post. Who sees no span of another log need not wait:
 * a later collector then sees both (each reads after its own spans are stored), and waits.
 */
import type { SpanPlace } from '#src/pipeline/span-rows.ts'
import type { StoredTrace } from './trace-record.ts'

export interface SharedTraceSettings {
  /** How long the collector of the first span waits, in milliseconds. */
  readonly ownerMs: number
  /** How long the others wait. Longer than any insert takes that is not in doubt. */
  readonly otherMs: number
}

/**
 * Entries that reach the database later than this after their trace was read may stand there twice: a collector that
 * waited for them has not seen them, and posted its own. Half of its wait, since no scheduler is exact.
 */
export const lateAfterMs = ({ ownerMs }: SharedTraceSettings): number => ownerMs / 2

/** Milliseconds that a trace wants to wait once more; undefined where all of its spans are in `ownLogs`. */
export const sharedWaitOf = (
  { places }: Pick<StoredTrace, 'places'>,
  ownLogs: ReadonlySet<string>,
  { ownerMs, otherMs }: SharedTraceSettings,
): number | undefined => {
  const [any] = places
  if (any === undefined || places.every(({ walId }) => ownLogs.has(walId))) return undefined
  const first = places.reduce((earliest, place) => (isBefore(place, earliest) ? place : earliest), any)
  return ownLogs.has(first.walId) ? ownerMs : otherMs
}

const isBefore = (a: SpanPlace, b: SpanPlace): boolean =>
  a.receivedUnixNano === b.receivedUnixNano ? a.walId < b.walId : a.receivedUnixNano < b.receivedUnixNano
