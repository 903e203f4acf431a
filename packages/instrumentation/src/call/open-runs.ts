/**
 * Model calls that a framework tells of by events only. Such a seam cannot make its span current around the request, so what a
 * wrapped client measures further in does not fall below it: without a trace around both it would be counted twice. Here the one
 * further in is found again, by the response id or, for calls without one, by where and when it was made.
 * Nothing is kept while no run is open, and never more than a bounded number of calls, though a run may stay open for long.
 */
import { type Context, context } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { processWide } from '#src/process-wide.ts'

/** A call as the runs around it see it. */
export interface Sighting {
  readonly model: string | undefined
  /** Place in the order of starts of runs and calls. */
  readonly ordinal: number
  responseId: string | undefined
  hasEnded: boolean
  /** A run has found itself in it. */
  isTaken: boolean
}

/** A context in which runs are open. */
interface Place {
  runs: number
  readonly calls: Set<Sighting>
}

const state = processWide('open-runs', () => ({
  places: new WeakMap<Context, Place>(),
  /** By response id. */
  answered: new Map<string, Sighting>(),
  openRuns: 0,
  ordinal: 0,
}))

const dropOldest = <Item>(items: {
  readonly size: number
  delete(item: Item): boolean
  keys(): Iterable<Item>
}): void => {
  if (items.size <= limits.instrumentation.sightingsMax) return
  const [oldest] = items.keys()
  if (oldest !== undefined) items.delete(oldest)
}

export class OpenRun {
  readonly #model: string | undefined
  readonly #context: Context = context.active()
  readonly #place: Place
  readonly #ordinal = ++state.ordinal

  /** `model`: as it was asked for. Made where the framework makes the call. */
  constructor(model: string | undefined) {
    this.#model = model
    this.#place = state.places.get(this.#context) ?? { runs: 0, calls: new Set() }
    this.#place.runs += 1
    state.places.set(this.#context, this.#place)
    state.openRuns += 1
  }

  /** Ends the run, once: whether a call further in stands for it. */
  isMeasuredBelow(responseId: string | undefined): boolean {
    const found = this.#find(responseId)
    if (found !== undefined) found.isTaken = true
    this.#close()
    return found !== undefined
  }

  #find(responseId: string | undefined): Sighting | undefined {
    const same = responseId === undefined ? undefined : state.answered.get(responseId)
    if (same !== undefined && same.ordinal > this.#ordinal) return same
    return [...this.#place.calls].find((call) => this.#isAlike(call) && isPossible(call, responseId))
  }

  /** Made in the same place for the same model since, and no other run's. */
  #isAlike(call: Sighting): boolean {
    return !call.isTaken && call.model === this.#model && call.ordinal > this.#ordinal
  }

  #close(): void {
    this.#place.runs -= 1
    if (this.#place.runs === 0) state.places.delete(this.#context)
    state.openRuns -= 1
    if (state.openRuns === 0) state.answered.clear()
  }
}

/** A run that has an answer was measured by a call that has ended, with the same id unless the provider gives none. */
const isPossible = (call: Sighting, responseId: string | undefined): boolean =>
  responseId === undefined || (call.hasEnded && call.responseId === undefined)

/** To be told of every call that starts; `undefined` while no run is open. */
export const noteCall = (model: string | undefined): Sighting | undefined => {
  if (state.openRuns === 0) return undefined
  const call: Sighting = { model, ordinal: ++state.ordinal, responseId: undefined, hasEnded: false, isTaken: false }
  const calls = state.places.get(context.active())?.calls
  if (calls !== undefined) dropOldest(calls.add(call))
  return call
}

/** To be told of the end of every call that was noted. */
export const noteEnd = (call: Sighting, responseId: string | undefined): void => {
  call.hasEnded = true
  call.responseId = responseId
  if (state.openRuns > 0 && responseId !== undefined) dropOldest(state.answered.set(responseId, call))
}
