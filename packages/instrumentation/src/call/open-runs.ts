/**
 * Model calls that a framework tells of by events only. Such a seam cannot make its span current around the request, so what a
 * wrapped client measures further in does not fall below it: without a trace around both it would be counted twice. Here the one
 * further in is found again, by the response id or, for calls without an answer, by where and when it was made.
 */
import { type Context, context } from '@opentelemetry/api'

/** A call as the runs around it see it. */
export interface Sighting {
  readonly model: string | undefined
  readonly context: Context
  responseId: string | undefined
  hasEnded: boolean
  /** A run has found itself in it. */
  isTaken: boolean
}

export class OpenRun {
  readonly #model: string | undefined
  readonly #context: Context
  readonly #seen: Sighting[] = []

  /** `model`: as it was asked for. Made where the framework makes the call. */
  constructor(model: string | undefined) {
    this.#model = model
    this.#context = context.active()
    runs.add(this)
  }

  see(sighting: Sighting): void {
    this.#seen.push(sighting)
  }

  /** Ends the run: whether a call further in stands for it. */
  isMeasuredBelow(responseId: string | undefined): boolean {
    runs.delete(this)
    const found =
      this.#seen.find((seen) => isSame(seen.responseId, responseId)) ??
      this.#seen.find((seen) => this.#isAlike(seen) && isPossible(seen, responseId))
    if (found === undefined) return false
    found.isTaken = true
    return true
  }

  /** Made in the same place for the same model, and no other run's. */
  #isAlike({ isTaken, context: place, model }: Sighting): boolean {
    return !isTaken && place === this.#context && model === this.#model
  }
}

/** A run that has an answer was measured by a call that has ended, with the same id unless the provider gives none. */
const isPossible = (seen: Sighting, responseId: string | undefined): boolean =>
  responseId === undefined || (seen.hasEnded && seen.responseId === undefined)

const runs = new Set<OpenRun>()

const isSame = (a: string | undefined, b: string | undefined): boolean => a !== undefined && a === b

/** To be told of every call that starts; `undefined` while no run is open. */
export const noteCall = (model: string | undefined): Sighting | undefined => {
  if (runs.size === 0) return undefined
  const sighting: Sighting = {
    model,
    context: context.active(),
    responseId: undefined,
    hasEnded: false,
    isTaken: false,
  }
  for (const run of runs) run.see(sighting)
  return sighting
}
