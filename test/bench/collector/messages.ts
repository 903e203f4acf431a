/** What the processes of a run ask each other. One question at a time per process. */
import type { CallSums } from './requests.ts'
import type { Sending } from './work.ts'

export type SenderQuestion =
  /** Bodies of a piece of work are made ready, so that only sending is timed. `salt` is above that of all before. */
  | {
      readonly ask: 'prepare'
      readonly url: string
      readonly sending: Sending
      readonly requests: number
      readonly salt: number
    }
  /** All of them, some at a time. */
  | { readonly ask: 'send'; readonly inFlight: number }
  /** All of them, each at its time, whatever the answers do. */
  | { readonly ask: 'pace'; readonly requestsPerSecond: number }

export interface Prepared {
  readonly spans: number
  readonly bytes: number
  readonly wireBytes: number
  readonly sums: CallSums
}

export interface Sent {
  readonly wallMs: number
  /** From the moment a request was due to its answer. */
  readonly latenciesMs: readonly number[]
}

export type ReceiverQuestion = { readonly ask: 'usage' } | { readonly ask: 'stored' } | { readonly ask: 'close' }

export interface Usage {
  readonly cpuMs: number
  readonly rssMib: number
}

export interface StoredInLog {
  readonly records: number
  readonly spans: number
  readonly bytes: number
}

export type BaselineQuestion = {
  readonly ask: 'decode'
  readonly sending: Sending
  readonly requests: number
}

export interface Decoded {
  readonly spans: number
  readonly wallMs: number
  readonly cpuMs: number
}

export interface RestartedQuestion {
  readonly directory: string
  readonly bytesMax: number
}

export interface Restarted {
  readonly openingMs: number
  /** From the same moment: opening is a part of it. */
  readonly readyMs: number
  readonly records: number
  readonly lost: boolean
}
