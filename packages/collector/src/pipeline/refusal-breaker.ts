/**
 * Tells data that is refused from a bug or a schema that refuses everything. Single rows may be put aside; when too many
 * units have some, the writer holds instead, and nothing is taken out of the ledger by a mistake of ours.
 */
import { limits } from '@outlay/core'

export class RefusalBreaker {
  /** Whether the database refused something of each of the last units, newest last. */
  readonly #units: boolean[] = []

  /** Whether one more unit with refused rows would still be an exception. */
  get isOpen(): boolean {
    const units = [...this.#units, true].slice(-limits.refusedUnitsWindow)
    const inARow = units.length - 1 - units.lastIndexOf(false)
    if (inARow >= limits.refusedUnitsInARowMax) return true
    const refused = units.filter((isRefused) => isRefused).length
    return units.length === limits.refusedUnitsWindow && refused > limits.refusedUnitsShareMax * units.length
  }

  /** A unit is done. */
  note(isRefused: boolean): void {
    this.#units.push(isRefused)
    if (this.#units.length >= limits.refusedUnitsWindow) this.#units.shift()
  }
}
