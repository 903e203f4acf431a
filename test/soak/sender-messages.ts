/** Between a soak and its senders. */
import type { SentCall } from './made-request.ts'

export interface SenderSettings {
  readonly seed: number
  readonly sender: number
  readonly file: string
}

export type SenderMessage = { readonly type: 'url'; readonly url: string } | { readonly type: 'stop' }

/** One line of a sender's file. */
export type SenderLine =
  | { readonly request: number; readonly calls: readonly SentCall[] }
  | { readonly acked: number }
  /** An answer that should not have been given. */
  | { readonly wrong: string }
