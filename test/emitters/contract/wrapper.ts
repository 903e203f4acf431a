/** One endpoint that `wrap` measures, and how the contract calls it. */
import type { MeterQuantities } from '@outlay/core'
import type { StubApi, StubUsage } from '@outlay/testkit'

export interface ClientSettings {
  /** The stub provider. */
  readonly url: string
  /** Requests that may follow a first one that failed. */
  readonly retries: number
  readonly timeoutMs: number
}

export interface Wrapper<Client extends object = object> {
  readonly id: string
  readonly api: StubApi
  readonly provider: string
  readonly meters: MeterQuantities
  /** Usage object that the provider sends for these meters, where it is not the stub's. */
  readonly usage?: StubUsage
  readonly create: (settings: ClientSettings) => Client
  readonly call: (client: Client, signal?: AbortSignal) => PromiseLike<unknown>
  /** Absent for endpoints that do not stream. */
  readonly stream?: (client: Client, signal?: AbortSignal) => PromiseLike<AsyncIterable<unknown>>
  /** The endpoint has no tools. */
  readonly toolless?: true
}

/** Keeps the client's type while it is written down. */
export const wrapper = <Client extends object>(definition: Wrapper<Client>): Wrapper => definition as unknown as Wrapper
