/**
 * What an attempt to insert came to (collector §7.3): by the error code, then by text where one code has two meanings,
 * then by the HTTP status where whoever answered was no ClickHouse. Never by message alone.
 */

export type InsertOutcome =
  | { readonly status: 'accepted' }
  /** In doubt: the same bytes with the same token must be sent again. */
  | { readonly status: 'transient'; readonly code: string }
  /** As in doubt as any, by a code that nobody has placed yet: an operator should look when it stays. */
  | { readonly status: 'unknown'; readonly code: string }
  /** An operator must act (schema, access, a view); retried slowly with the same bytes and token. */
  | { readonly status: 'hold'; readonly code: string }
  /** The server found the body cut or longer than a block: on the way, or as it was encoded when it stays. */
  | { readonly status: 'damaged'; readonly code: string }
  /** The data itself was refused before anything could commit: by construction a bug of our encoder. */
  | { readonly status: 'poison'; readonly code: string }

export type FailedInsert = Exclude<InsertOutcome, { status: 'accepted' }>
type FailedStatus = FailedInsert['status']

/** What the other side answered. */
export interface InsertAnswer {
  readonly httpStatus: number
  /** `X-ClickHouse-Exception-Code`, if any. */
  readonly exceptionCode: string | undefined
  readonly text: string
}

const TRANSIENT = new Set([
  159, 173, 202, 203, 209, 210, 216, 225, 236, 241, 242, 243, 254, 279, 285, 286, 319, 384, 394, 439, 574, 659, 735,
  999,
])
const HOLD = new Set([16, 20, 47, 60, 62, 81, 115, 164, 192, 193, 194, 395, 452, 497, 516])
const POISON = new Set([6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 321, 349])
// 636: the embedded engine reads a block through file() and says so when it finds no structure in it.
const DAMAGED = new Set([32, 33, 636])
const TOO_MANY = 252
const FROM_VIEW = 'while pushing to view'
const HTTP_SERVER_ERROR = 500
const NO_SUCH_PLACE_OR_ACCESS = new Set([401, 403, 404])

const classifyCode = (code: number, text: string): FailedStatus => {
  if (TRANSIENT.has(code)) return 'transient'
  if (code === TOO_MANY && !text.includes('partitions')) return 'transient'
  // The table may have the block and other views too: the whole of it stays as it is until the view is mended.
  if (text.includes(FROM_VIEW) || HOLD.has(code)) return 'hold'
  if (code === TOO_MANY || POISON.has(code)) return 'poison'
  return DAMAGED.has(code) ? 'damaged' : 'unknown'
}

const CODE_IN_TEXT = /^Code: (\d+)\./

/** Classifies an answer that was not a success. */
export const classifyInsertAnswer = ({ httpStatus, exceptionCode, text }: InsertAnswer): FailedInsert => {
  const code = exceptionCode ?? CODE_IN_TEXT.exec(text)?.[1]
  if (code !== undefined) return { status: classifyCode(Number(code), text), code }
  const http = `http_${httpStatus}`
  if (NO_SUCH_PLACE_OR_ACCESS.has(httpStatus)) return { status: 'hold', code: http }
  return { status: httpStatus >= HTTP_SERVER_ERROR ? 'transient' : 'hold', code: http }
}

/** Classifies an attempt without a whole answer: in doubt, whatever it was. */
export const classifyLostAnswer = (error: unknown): FailedInsert => {
  const { name, code } = error as { name?: unknown; code?: unknown }
  if (name === 'AbortError' || name === 'TimeoutError') return { status: 'transient', code: 'timeout' }
  return { status: 'transient', code: typeof code === 'string' ? code : 'network' }
}
