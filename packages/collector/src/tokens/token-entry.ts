/** What is known about a token: everything but its secret. */

export const SCOPES = ['ingest', 'read', 'decide', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Who its spans belong to. */
export type TokenBinding =
  /** Whatever the spans say: this tenant. */
  | { readonly kind: 'tenant'; readonly tenant: string }
  /** The spans say it themselves, for an app that serves many customers. */
  | {
      readonly kind: 'trusted'
      /** Names the app in every key, in place of a tenant. */
      readonly account: string
      /** Only those may be named. NFC. */
      readonly tenants?: ReadonlySet<string>
      /** Or only those that begin so. NFC. */
      readonly tenantPrefix?: string
    }

/** Per second; what is left out is not limited. */
export interface TokenQuota {
  readonly requests?: number
  readonly bytes?: number
  readonly spans?: number
}

export interface TokenEntry {
  readonly id: string
  /** SHA-256 of the secret. */
  readonly secretHash: Buffer
  readonly scopes: ReadonlySet<Scope>
  readonly binding: TokenBinding
  readonly expiresAtMs?: number
  readonly revokedAtMs?: number
  readonly quota: TokenQuota
}

export interface TokensFile {
  readonly tokens: readonly TokenEntry[]
  /** By tenant or account: shared by all that send for it. */
  readonly tenantQuotas: ReadonlyMap<string, TokenQuota>
}

/** Authority of senders without a token. */
export const LOCAL_AUTHORITY = 'local'

/** Who vouches for what a token sends: part of every trace key. */
export const authorityOf = (binding: TokenBinding): string =>
  binding.kind === 'tenant' ? binding.tenant : binding.account
