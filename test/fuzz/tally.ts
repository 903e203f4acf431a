/** What a share of the bodies adds up to while it is worked through; tells the parent now and then. */
import type { Failure, Progress } from './messages.ts'

const MIB = 1024 ** 2
const REPORT_EVERY_MS = 5_000
/** More tell nothing new. */
const FAILURES_MAX = 20

export class Tally {
  readonly #counts: Record<string, number> = {}
  readonly #failures: Failure[] = []
  #judged = 0
  #slowestMs = 0
  #slowest = 0
  #reportedMs = performance.now()

  add(index: number, outcome: string, ms: number): void {
    this.#judged += 1
    this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1
    if (ms > this.#slowestMs) {
      this.#slowestMs = ms
      this.#slowest = index
    }
    if (performance.now() - this.#reportedMs < REPORT_EVERY_MS) return
    this.report('progress')
    this.#reportedMs = performance.now()
  }

  fail(index: number, what: string): void {
    this.#counts['wrong'] = (this.#counts['wrong'] ?? 0) + 1
    if (this.#failures.length < FAILURES_MAX) this.#failures.push({ index, what })
  }

  report(type: Progress['type']): void {
    globalThis.gc?.()
    const { heapUsed, rss } = process.memoryUsage()
    process.send?.({
      type,
      judged: this.#judged,
      counts: this.#counts,
      slowestMs: this.#slowestMs,
      slowest: this.#slowest,
      heapMib: heapUsed / MIB,
      rssMib: rss / MIB,
      failures: this.#failures,
    } satisfies Progress)
  }
}
