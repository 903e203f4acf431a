/**
 * Credentials → who sends, and whether it may. A token goes before a certificate: whoever shows a token is judged by it.
 * No answer holds any part of a token, of a tenant or of a certificate.
 */
import type { Clock } from '@outlay/core'
import type { Admission, Admit, Credentials } from '#src/otlp/admission.ts'
import type { Sender } from '#src/otlp/trace-intake.ts'
import { presentedToken } from './presented-token.ts'
import { authorityOf, type TokenBinding, type TokenEntry } from './token-entry.ts'
import { QuotaAccount } from './token-quota.ts'
import type { TokenSet } from './token-set.ts'

export interface AuthenticatorSettings {
  /** The ones that hold now. Undefined = no tokens are used: certificates alone decide. */
  readonly tokens: (() => TokenSet) | undefined
  /** Lower case. */
  readonly header: string
  readonly clock: Clock
}

const MISSING = 'a token is required: send it as "authorization: Bearer TOKEN"'
const REFUSED: Readonly<Record<'unknown' | 'expired' | 'revoked', string>> = {
  unknown: 'the token is not known',
  expired: 'the token has expired',
  revoked: 'the token was revoked',
}

/** Tenants by a name in the client's certificate, for senders without a token. */
export type CertificateTenants = ReadonlyMap<string, string>

/** One for all endpoints, so that a token has one quota; each endpoint has the certificates that it checks itself. */
export type Authenticator = (certificateTenants: CertificateTenants) => Admit

export const createAuthenticator = (settings: AuthenticatorSettings): Authenticator => {
  const { tokens, header, clock } = settings
  const accounts = new WeakMap<TokenEntry, QuotaAccount>()

  const admitToken = (entry: TokenEntry, nowMs: number): Admission => {
    if (!entry.scopes.has('ingest')) return { status: 'forbidden', message: 'the token has no scope "ingest"' }
    let account = accounts.get(entry)
    if (account === undefined) accounts.set(entry, (account = new QuotaAccount(entry.quota, nowMs)))
    const waitSeconds = account.enter(nowMs)
    if (waitSeconds > 0) return { status: 'over_quota', retrySeconds: Math.max(1, Math.ceil(waitSeconds)) }
    const booked = account
    return { status: 'admitted', sender: senderOf(entry), spend: (kind, amount) => booked.spend(kind, amount) }
  }

  const admitCertificate = (credentials: Credentials, tenants: CertificateTenants): Admission | undefined => {
    if (tenants.size === 0) return undefined
    for (const name of credentials.certificateNames()) {
      const tenant = tenants.get(name)
      if (tenant === undefined) continue
      // Under one name they could reverse each other's charges.
      if (tokens?.().hasAccount(tenant) === true)
        return { status: 'forbidden', message: 'the tenant of the certificate is the account of a token' }
      return { status: 'admitted', sender: { authority: tenant, tenant }, spend: () => undefined }
    }
    return undefined
  }

  return (certificateTenants) => (credentials) => {
    const presented = tokens === undefined ? undefined : presentedToken(credentials, header)
    if (tokens !== undefined && presented !== undefined) {
      const nowMs = clock.now()
      const verdict = tokens().verify(presented, nowMs)
      if (verdict.status === 'valid') return admitToken(verdict.entry, nowMs)
      return { status: 'unauthenticated', message: REFUSED[verdict.status] }
    }
    const admitted = admitCertificate(credentials, certificateTenants)
    if (admitted !== undefined) return admitted
    if (tokens !== undefined) return { status: 'unauthenticated', message: MISSING }
    return { status: 'forbidden', message: 'no tenant is known for the certificate' }
  }
}

const senderOf = ({ id, binding }: TokenEntry): Sender => {
  const authority = authorityOf(binding)
  if (binding.kind === 'tenant') return { authority, tokenId: id, tenant: binding.tenant }
  const mayClaim = claimRuleOf(binding)
  return { authority, tokenId: id, ...(mayClaim === undefined ? {} : { mayClaim }) }
}

/** Undefined where every tenant may be named. */
const claimRuleOf = ({
  tenants,
  tenantPrefix,
}: Extract<TokenBinding, { kind: 'trusted' }>): ((tenant: string) => boolean) | undefined => {
  if (tenants !== undefined) return (tenant) => tenants.has(tenant)
  if (tenantPrefix !== undefined) return (tenant) => tenant.startsWith(tenantPrefix)
  return undefined
}
