import type { Engine } from './engine.ts'
import type { EngineRequest } from './request.ts'
import type { Role } from './authentication.ts'

/** A statement with what it needs to run: who asks, from where, until when. */
export interface StatementCall {
  readonly engine: Engine
  readonly role: Role
  readonly request: EngineRequest
  readonly sql: string
  /** Fires when the client has gone away. */
  readonly signal: AbortSignal
}

/** A complete answer: nothing is sent before the engine has finished, so no exception hides behind a 200. */
export interface StatementResult {
  readonly bytes: Uint8Array
  readonly format: string
  readonly resultRows: number
  readonly writtenRows?: number
  readonly elapsedSeconds: number
}

const TRAILING_FORMAT = /\bFORMAT\s+(\w+)\s*;?\s*$/i

/** The format of the answer: the statement's own wins, as in the engine. */
export const formatOf = ({ sql, request }: Pick<StatementCall, 'sql' | 'request'>): string =>
  TRAILING_FORMAT.exec(sql)?.[1] ?? request.defaultFormat ?? 'TabSeparated'
