/** Between a soak and its senders. */
import type { SentCall } from './made-request.ts'

export interface SenderSettings {
  readonly seed: number
  readonly sender: number
  readonly file: string
  /** Longest pause of one of its lanes between two requests, in milliseconds. */
  readonly pauseMsMax: number
}

export type SenderMessage = { readonly type: 'url'; readonly url: string } | { readonly type: 'stop' }

/** One line of a sender's file. */
export type SenderLine =
  | { readonly request: number; readonly calls: readonly SentCall[] }
  | { readonly acked: number }
  /** An attempt that got no OK: a status of HTTP, or `network`. */
  | { readonly refused: string }
  /** An answer that should not have been given. */
  | { readonly wrong: string }
