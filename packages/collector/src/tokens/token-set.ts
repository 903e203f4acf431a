/**
 * The tokens that hold at one moment. What is looked for costs the same whether it is there or not: one hash and one
 * comparison of constant time; the id alone tells nobody anything, since it is not secret.
 */
import { timingSafeEqual } from 'node:crypto'
import type { TokenEntry, TokenQuota, TokensFile } from './token-entry.ts'
import { hashSecret, parseTokenText } from './token-text.ts'

/** Stands in for an id that nobody has. Its preimage is not known to anybody. */
const NO_HASH = Buffer.alloc(32)

export type TokenVerdict =
  | { readonly status: 'valid'; readonly entry: TokenEntry }
  | { readonly status: 'unknown' | 'expired' | 'revoked' }

export class TokenSet {
  readonly #byId: ReadonlyMap<string, TokenEntry>
  readonly #accounts: ReadonlySet<string>
  readonly #tenantQuotas: ReadonlyMap<string, TokenQuota>

  constructor({ tokens: entries, tenantQuotas }: TokensFile) {
    this.#tenantQuotas = tenantQuotas
    this.#byId = new Map(entries.map((entry) => [entry.id, entry]))
    this.#accounts = new Set(entries.flatMap(({ binding }) => (binding.kind === 'trusted' ? [binding.account] : [])))
  }

  /** Whether a trusted token has this name in place of a tenant. */
  hasAccount(name: string): boolean {
    return this.#accounts.has(name)
  }

  /** What all senders of a tenant, or all tokens of an account, may send together. */
  quotaOf(authority: string): TokenQuota | undefined {
    return this.#tenantQuotas.get(authority)
  }

  get size(): number {
    return this.#byId.size
  }

  /** What a presented text is worth at a moment, in milliseconds since the epoch. */
  verify(presented: string, nowMs: number): TokenVerdict {
    const token = parseTokenText(presented)
    const entry = token === undefined ? undefined : this.#byId.get(token.id)
    const equal = timingSafeEqual(hashSecret(token?.secret ?? presented), entry?.secretHash ?? NO_HASH)
    if (!equal || entry === undefined) return { status: 'unknown' }
    if (entry.revokedAtMs !== undefined && entry.revokedAtMs <= nowMs) return { status: 'revoked' }
    if (entry.expiresAtMs !== undefined && entry.expiresAtMs <= nowMs) return { status: 'expired' }
    return { status: 'valid', entry }
  }
}
