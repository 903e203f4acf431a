/** Options of `outlay tokens create` → a token, or everything that is wrong with them. */
import type { Scope, TokenBinding } from '@outlay/collector'
import { OutlayError } from '@outlay/core'
import { suggestionFor } from '@outlay/pricing'

export interface NewTokenOptions {
  readonly tenant?: string
  readonly trusted?: string
  readonly allowTenant?: readonly string[]
  readonly tenantPrefix?: string
  readonly scope?: readonly string[]
  readonly expires?: string
}

export interface NewTokenRequest {
  readonly binding: TokenBinding
  readonly scopes: readonly Scope[]
  readonly expiresAtMs?: number
}

/** Fails with `E_TOKEN_OPTIONS`, with every problem. */
export const parseNewToken = async (options: NewTokenOptions, nowMs: number): Promise<NewTokenRequest> => {
  const problems: string[] = []
  const binding = await parseBinding(options, problems)
  const scopes = await parseScopes(options.scope ?? ['ingest'], problems)
  const expiresAtMs = options.expires === undefined ? undefined : await parseExpiry(options.expires, nowMs, problems)
  if (binding === undefined || problems.length > 0) {
    throw new OutlayError(
      'E_TOKEN_OPTIONS',
      `no token was made, ${problems.length} problem(s):\n  ${problems.join('\n  ')}`,
    )
  }
  return { binding, scopes, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) }
}

const parseBinding = async (options: NewTokenOptions, problems: string[]): Promise<TokenBinding | undefined> => {
  const { tenant, trusted, allowTenant, tenantPrefix } = options
  const { parseTenantId } = await import('@outlay/collector')
  const idOf = (text: string, flag: string): string => {
    const id = parseTenantId(text)
    if (id === undefined) problems.push(`${flag}: want 1 to 128 bytes without control characters`)
    return id ?? ''
  }
  if ((tenant === undefined) === (trusted === undefined)) {
    problems.push('--tenant, --trusted: give one of them; a token is bound to a tenant, or its spans name it')
    return undefined
  }
  if (tenant !== undefined) {
    if (allowTenant !== undefined) problems.push('--allow-tenant: only with --trusted')
    if (tenantPrefix !== undefined) problems.push('--tenant-prefix: only with --trusted')
    return { kind: 'tenant', tenant: idOf(tenant, '--tenant') }
  }
  if (allowTenant !== undefined && tenantPrefix !== undefined)
    problems.push('--allow-tenant, --tenant-prefix: two limits; give one of them')
  return {
    kind: 'trusted',
    account: idOf(trusted ?? '', '--trusted'),
    ...(allowTenant === undefined ? {} : { tenants: new Set(allowTenant.map((id) => idOf(id, '--allow-tenant'))) }),
    ...(tenantPrefix === undefined ? {} : { tenantPrefix: idOf(tenantPrefix, '--tenant-prefix') }),
  }
}

const parseScopes = async (given: readonly string[], problems: string[]): Promise<readonly Scope[]> => {
  const { SCOPES } = await import('@outlay/collector')
  return given.flatMap((text) => {
    const scope = SCOPES.find((known) => known === text)
    if (scope === undefined) problems.push(`--scope: want one of ${SCOPES.join(', ')}${suggestionFor(text, SCOPES)}`)
    return scope === undefined ? [] : [scope]
  })
}

/** `90d` from now, or an instant; in the future. */
const parseExpiry = async (text: string, nowMs: number, problems: string[]): Promise<number | undefined> => {
  const { parseDurationMs, parseInstantMs } = await import('@outlay/collector')
  const durationMs = parseDurationMs(text)
  const atMs = durationMs === undefined ? parseInstantMs(text) : nowMs + durationMs
  if (atMs !== undefined && atMs > nowMs) return atMs
  problems.push(
    `--expires: got ${JSON.stringify(text)}; want a time from now such as 90d, or an instant in the future such as 2027-01-01T00:00:00Z`,
  )
  return undefined
}
