/**
 * What one token may send per second. A bucket holds one second's worth; what a request really took is subtracted
 * afterwards, so a bucket may fall below zero: then the next request waits until it is paid for. So one large request is
 * never refused for ever, and the mean rate holds.
 */
import type { TokenQuota } from './token-entry.ts'

class Bucket {
  readonly #perSecond: number
  readonly #full: number
  #level: number
  #atMs: number

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#full = Math.max(1, perSecond)
    this.#level = this.#full
    this.#atMs = nowMs
  }

  /** Until at least `wanted` is there; 0 = now. */
  secondsUntil(wanted: number, nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#atMs)
    this.#level = Math.min(this.#full, this.#level + (elapsedMs / 1_000) * this.#perSecond)
    this.#atMs = nowMs
    return this.#level >= wanted ? 0 : (wanted - this.#level) / this.#perSecond
  }

  spend(amount: number): void {
    this.#level -= amount
  }
}

type Kind = keyof TokenQuota

export class QuotaAccount {
  readonly #buckets: ReadonlyMap<Kind, Bucket>

  constructor(quota: TokenQuota, nowMs: number) {
    const limited = (Object.entries(quota) as [Kind, number][]).map(
      ([kind, perSecond]) => [kind, new Bucket(perSecond, nowMs)] as const,
    )
    this.#buckets = new Map(limited)
  }

  /** Takes one request out, or says in how many seconds there is room for one. */
  enter(nowMs: number): number {
    // Bytes and spans of a request are not known yet: anything above zero lets it in.
    const waits = [...this.#buckets].map(([kind, bucket]) =>
      bucket.secondsUntil(kind === 'requests' ? 1 : Number.MIN_VALUE, nowMs),
    )
    const seconds = Math.max(0, ...waits)
    if (seconds === 0) this.#buckets.get('requests')?.spend(1)
    return seconds
  }

  spend(kind: 'bytes' | 'spans', amount: number): void {
    this.#buckets.get(kind)?.spend(amount)
  }
}
