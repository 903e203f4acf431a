/** Who may send, decided from headers or metadata alone: before the first byte of a body is read. */
import { LOCAL_AUTHORITY } from '#src/tokens/token-entry.ts'
import type { Sender } from './trace-intake.ts'

/** What a request shows of its sender. */
export interface Credentials {
  /** By lower-case name; undefined if it is absent, or given more than once. */
  header(name: string): string | undefined
  /** Names in the certificate that the client proved to own; empty without one. */
  certificateNames(): readonly string[]
}

export type Admission =
  | {
      readonly status: 'admitted'
      readonly sender: Sender
      /** Books what the request really took on the quota of its sender. */
      readonly spend: (kind: 'bytes' | 'spans', amount: number) => void
    }
  /** Not known, or not any more. */
  | { readonly status: 'unauthenticated'; readonly message: string }
  /** Known, but not allowed to send. */
  | { readonly status: 'forbidden'; readonly message: string }
  | {
      readonly status: 'over_quota'
      readonly retrySeconds: number
      /** It is told so after that many milliseconds: who comes back at once is slowed down. */
      readonly answerAfterMs: number
    }

export type Admit = (credentials: Credentials) => Admission

/** Everybody, under one authority: for loopback, and for closed networks that say so. */
export const admitEverybody = (authority: string = LOCAL_AUTHORITY): Admit => {
  const admission: Admission = { status: 'admitted', sender: { authority }, spend: () => undefined }
  return () => admission
}
