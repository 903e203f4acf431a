import type { EngineCredentials } from './credentials.ts'

/** What the parent tells its engine process. Secrets travel here, never in argv or the environment. */
export type ParentMessage = { readonly type: 'start'; readonly settings: ChildSettings } | { readonly type: 'close' }

export interface ChildSettings {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly readers: number
  readonly credentials: EngineCredentials
}

/** What the engine process tells its parent. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly failure: StartFailure }
  | { readonly type: 'refused'; readonly rule: string }
  /** Since it said so last. */
  | { readonly type: 'answered'; readonly counts: AnswerCounts }

/** Statements by what came of them; `refused`: by the guard of readers. */
export interface AnswerCounts {
  readonly ok: number
  readonly failed: number
  readonly refused: number
}

/** An OutlayError in a form that survives the channel. */
export interface StartFailure {
  readonly code: string
  readonly what: string
  readonly where?: string
  readonly got?: string
  readonly fix?: string
}
