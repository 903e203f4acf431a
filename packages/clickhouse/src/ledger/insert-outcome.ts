/** What an attempt to insert came to, by error code (collector §7.3): never by message alone where a code decides. */
import { ClickHouseError } from '@clickhouse/client'

export type InsertOutcome =
  | { readonly status: 'accepted' }
  /** In doubt: the same bytes with the same token must be sent again. */
  | { readonly status: 'transient'; readonly code: string }
  /** An operator must act (schema, access); retried slowly with the same bytes and token. */
  | { readonly status: 'hold'; readonly code: string }
  /** The data itself was refused before anything could commit: by construction a bug of our encoder. */
  | { readonly status: 'poison'; readonly code: string }

const TRANSIENT = new Set([
  159, 173, 202, 203, 209, 210, 225, 236, 241, 242, 243, 254, 279, 285, 286, 319, 384, 394, 395, 439, 574, 659, 735,
  999, 216,
])
const POISON = new Set([6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 321, 349])
const TOO_MANY = 252

const classifyCode = (code: number, message: string): InsertOutcome['status'] => {
  if (code === TOO_MANY) return message.includes('partitions') ? 'poison' : 'transient'
  if (TRANSIENT.has(code)) return 'transient'
  if (POISON.has(code)) return 'poison'
  return 'hold'
}

/** Classifies a failed attempt. Anything without a ClickHouse code is a lost answer: in doubt. */
export const classifyInsertFailure = (error: unknown): Exclude<InsertOutcome, { status: 'accepted' }> => {
  if (error instanceof ClickHouseError) {
    const status = classifyCode(Number(error.code), error.message)
    return { status: status === 'accepted' ? 'hold' : status, code: error.code }
  }
  const code = (error as { code?: unknown } | null)?.code
  return { status: 'transient', code: typeof code === 'string' ? code : 'network' }
}
