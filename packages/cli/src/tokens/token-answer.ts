/** A token as `outlay tokens` shows it: never its secret, nor the hash of it. */
import type { TokenEntry } from '@outlay/collector'

export interface TokenAnswer {
  readonly id: string
  readonly state: 'valid' | 'expired' | 'revoked'
  readonly scopes: readonly string[]
  /** null: the spans say it themselves. */
  readonly tenant: string | null
  readonly account: string | null
  readonly tenants: readonly string[] | null
  readonly tenant_prefix: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
  readonly quota: {
    readonly requests_per_second: number | null
    readonly bytes_per_second: number | null
    readonly spans_per_second: number | null
  }
}

const isPast = (ms: number | undefined, nowMs: number): boolean => ms !== undefined && ms <= nowMs
const isoOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())

export const answerToken = (entry: TokenEntry, nowMs: number): TokenAnswer => {
  const { id, binding, quota, expiresAtMs, revokedAtMs } = entry
  const trusted = binding.kind === 'trusted' ? binding : undefined
  return {
    id,
    state: isPast(revokedAtMs, nowMs) ? 'revoked' : isPast(expiresAtMs, nowMs) ? 'expired' : 'valid',
    scopes: [...entry.scopes],
    tenant: binding.kind === 'tenant' ? binding.tenant : null,
    account: trusted?.account ?? null,
    tenants: trusted?.tenants === undefined ? null : [...trusted.tenants],
    tenant_prefix: trusted?.tenantPrefix ?? null,
    expires_at: isoOf(expiresAtMs),
    revoked_at: isoOf(revokedAtMs),
    quota: {
      requests_per_second: quota.requests ?? null,
      bytes_per_second: quota.bytes ?? null,
      spans_per_second: quota.spans ?? null,
    },
  }
}

/** Whose spans it sends, in words. */
export const describeBinding = ({ tenant, account, tenants, tenant_prefix }: TokenAnswer): string => {
  if (tenant !== null) return `tenant ${tenant}`
  const limit =
    tenants === null ? (tenant_prefix === null ? 'any tenant' : `tenants ${tenant_prefix}…`) : tenants.join(', ')
  return `account ${account}, for ${limit}`
}
