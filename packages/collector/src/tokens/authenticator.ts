/**
 * Credentials → who sends, and whether it may. A token goes before a certificate: whoever shows a token is judged by it.
 * No answer holds any part of a token, of a tenant or of a certificate.
 */
import type { Clock } from '@outlay/core'
import type { Admission, Admit, Credentials } from '#src/otlp/admission.ts'
import type { Sender } from '#src/otlp/trace-intake.ts'
import { presentedToken } from './presented-token.ts'
import { authorityOf, type TokenBinding, type TokenEntry, type TokenQuota } from './token-entry.ts'
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
  // By the quota itself: a file that is read again begins anew.
  const accounts = new WeakMap<TokenQuota, QuotaAccount>()
  const accountOf = (quota: TokenQuota, nowMs: number): QuotaAccount => {
    const known = accounts.get(quota)
    if (known !== undefined) return known
    const account = new QuotaAccount(quota, nowMs)
    accounts.set(quota, account)
    return account
  }

  /** Within every quota that counts for the sender, or not at all: what one refuses costs nothing of another. */
  const admitWithin = (sender: Sender, own: TokenQuota | undefined, nowMs: number): Admission => {
    const quotas = [own, tokens?.().quotaOf(sender.authority)].filter((quota) => quota !== undefined)
    const booked = quotas.map((quota) => accountOf(quota, nowMs))
    const waitSeconds = Math.max(0, ...booked.map((account) => account.secondsUntilRoom(nowMs)))
    if (waitSeconds > 0) {
      const answerAfterMs = Math.max(...booked.map((account) => account.refuse(nowMs)))
      return { status: 'over_quota', retrySeconds: Math.max(1, Math.ceil(waitSeconds)), answerAfterMs }
    }
    const spend = (kind: keyof TokenQuota, amount: number): void => {
      for (const account of booked) account.spend(kind, amount)
    }
    spend('requests', 1)
    return { status: 'admitted', sender, spend }
  }

  const admitToken = (entry: TokenEntry, nowMs: number): Admission =>
    entry.scopes.has('ingest')
      ? admitWithin(senderOf(entry), entry.quota, nowMs)
      : { status: 'forbidden', message: 'the token has no scope "ingest"' }

  const admitCertificate = (credentials: Credentials, tenants: CertificateTenants): Admission | undefined => {
    if (tenants.size === 0) return undefined
    for (const name of credentials.certificateNames()) {
      const tenant = tenants.get(name)
      if (tenant === undefined) continue
      // Under one name they could reverse each other's charges.
      if (tokens?.().hasAccount(tenant) === true)
        return { status: 'forbidden', message: 'the tenant of the certificate is the account of a token' }
      return admitWithin({ authority: tenant, tenant }, undefined, clock.now())
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
