/**
 * What one token, or all senders of one tenant together, may send per second. A bucket holds one second's worth; what a request really took is subtracted
 * afterwards, so a bucket may fall below zero: then the next request waits until it is paid for. So one large request is
 * never refused for ever, and the mean rate holds.
 */
import { limits } from '@outlay/core'
import type { TokenQuota } from './token-entry.ts'

const MS_PER_SECOND = 1_000

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
    this.#level = Math.min(this.#full, this.#level + (elapsedMs / MS_PER_SECOND) * this.#perSecond)
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
  #nextRefusalMs = 0

  constructor(quota: TokenQuota, nowMs: number) {
    const limited = (Object.entries(quota) as [Kind, number][]).map(
      ([kind, perSecond]) => [kind, new Bucket(perSecond, nowMs)] as const,
    )
    this.#buckets = new Map(limited)
  }

  /** In how many seconds there is room for one request; 0 = now. */
  secondsUntilRoom(nowMs: number): number {
    // Bytes and spans of a request are not known yet: anything above zero lets it in.
    const waits = [...this.#buckets].map(([kind, bucket]) =>
      bucket.secondsUntil(kind === 'requests' ? 1 : Number.MIN_VALUE, nowMs),
    )
    return Math.max(0, ...waits)
  }

  /**
   * After how many milliseconds to tell a sender that it is over its quota. One that comes back at once is told later and
   * later, up to a second, which it was asked to wait anyway: a flood costs others no more than a few answers a second.
   */
  refuse(nowMs: number): number {
    const at = Math.min(Math.max(this.#nextRefusalMs, nowMs), nowMs + limits.quotaAnswerDelayMsMax)
    this.#nextRefusalMs = at + MS_PER_SECOND / limits.quotaAnswersPerSecond
    return at - nowMs
  }

  spend(kind: Kind, amount: number): void {
    this.#buckets.get(kind)?.spend(amount)
  }
}
