/**
 * Text of a tokens file → entries, or every problem with its line. No message holds a value of the file: a secret or a
 * tenant may stand where it does not belong.
 */
import { limits, OutlayError } from '@outlay/core'
import { placeText, readYamlSource, type YamlSource } from '@outlay/pricing'
import { z } from 'zod'
import { type ConfigProblem, describeKind, pathText, problemsOf } from '#src/config/problems.ts'
import { instantMs, positiveNumber, sizeBytes, tenantId } from '#src/config/value-schemas.ts'
import {
  LOCAL_AUTHORITY,
  SCOPES,
  type TokenBinding,
  type TokenEntry,
  type TokenQuota,
  type TokensFile,
} from './token-entry.ts'
import { TOKEN_ID } from './token-text.ts'

/** In place of a tenant: the spans name it. */
export const FROM_ATTRIBUTE = 'from_attribute'

const quotaSchema = z.strictObject({
  requests_per_second: positiveNumber().optional(),
  bytes_per_second: sizeBytes().optional(),
  spans_per_second: positiveNumber().optional(),
})

const ID_FORM = '4 to 32 lower-case letters and digits, in quotes where they could be read as a number'
const HASH_FORM = 'the SHA-256 of the secret: 64 hexadecimal digits in lower case, in quotes'
const SCOPES_FORM = `a list of scopes: ${SCOPES.join(', ')}`

const entrySchema = z.strictObject({
  id: z.string({ error: ID_FORM }).regex(TOKEN_ID, { error: ID_FORM }),
  sha256: z.string({ error: HASH_FORM }).regex(/^[0-9a-f]{64}$/, { error: HASH_FORM }),
  scopes: z
    .array(z.enum(SCOPES, { error: `one of ${SCOPES.join(', ')}` }), { error: SCOPES_FORM })
    .min(1, { error: SCOPES_FORM }),
  tenant: tenantId(),
  account: tenantId('a name of 1 to 128 bytes without control characters').optional(),
  tenants: z.array(tenantId(), { error: 'a list of tenant ids' }).min(1, { error: 'a list of tenant ids' }).optional(),
  tenant_prefix: tenantId().optional(),
  expires: instantMs().optional(),
  revoked: instantMs().optional(),
  quota: quotaSchema.optional(),
})

const tenantQuotaSchema = z.strictObject({ tenant: tenantId(), quota: quotaSchema })

const fileSchema = z.strictObject({
  tokens: z.array(entrySchema, { error: 'a list of tokens, perhaps empty: "tokens: []"' }),
  tenant_quotas: z.array(tenantQuotaSchema, { error: 'a list of tenants with their quota' }).optional(),
})
type Entry = z.infer<typeof entrySchema>

const KNOWN_KEYS = {
  file: Object.keys(fileSchema.shape),
  entry: Object.keys(entrySchema.shape),
  tenantQuota: Object.keys(tenantQuotaSchema.shape),
  quota: Object.keys(quotaSchema.shape),
}

/** Fails with `E_TOKENS_FILE`, with every problem; `file` is its name for messages. */
export const parseTokensFile = (file: string, text: string): TokensFile => {
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.tokensFileBytesMax) {
    throw refused([`${file} the file is too large; got ${bytes} bytes; want at most ${limits.tokensFileBytesMax}`])
  }
  const faults: Parameters<typeof readYamlSource>[2] = []
  const source = readYamlSource(file, text, faults)
  // The parser's own text may quote the line.
  if (source === undefined) throw refused(faults.map(({ where }) => `${where} is not valid YAML`))
  const parsed = fileSchema.safeParse(source.value)
  if (!parsed.success) {
    const knownKeys = (path: readonly unknown[]) => {
      if (path.length === 0) return KNOWN_KEYS.file
      if (path.length > 2) return KNOWN_KEYS.quota
      return path[0] === 'tokens' ? KNOWN_KEYS.entry : KNOWN_KEYS.tenantQuota
    }
    const problems = problemsOf(parsed.error.issues, { value: source.value, describe: describeKind, knownKeys })
    throw refused(problems.map((problem) => problemText(source, problem)))
  }
  const { tokens, tenant_quotas: tenantQuotas = [] } = parsed.data
  const problems = [
    ...tokens.flatMap(bindingProblems),
    ...repeatedIds(tokens),
    ...sharedAuthorities(tokens),
    ...repeatedTenants(tenantQuotas.map(({ tenant }) => tenant)),
  ]
  if (problems.length > 0) throw refused(problems.map((problem) => problemText(source, problem)))
  return {
    tokens: tokens.map(entryOf),
    tenantQuotas: new Map(tenantQuotas.map(({ tenant, quota }) => [tenant, quotaOf(quota)])),
  }
}

const refused = (problems: readonly string[]): OutlayError =>
  new OutlayError('E_TOKENS_FILE', `tokens file refused, ${problems.length} problem(s):\n  ${problems.join('\n  ')}`)

const problemText = (source: YamlSource, { path, isKey, what }: ConfigProblem): string => {
  const key = path.at(-1)
  const place = isKey ? source.placeOfKey(path.slice(0, -1), String(key)) : source.placeOf(path)
  return `${placeText(place)} ${pathText(path)}: ${what}`
}

const bindingProblems = (entry: Entry, index: number): readonly ConfigProblem[] => {
  const at = (key: string, what: string): ConfigProblem => ({ path: ['tokens', index, key], what })
  const problems: ConfigProblem[] = []
  if (entry.tenant !== FROM_ATTRIBUTE) {
    for (const key of ['account', 'tenants', 'tenant_prefix'] as const) {
      if (entry[key] === undefined) continue
      problems.push(at(key, `only for a trusted token; remove it, or write tenant: ${FROM_ATTRIBUTE}`))
    }
    if (entry.tenant === LOCAL_AUTHORITY) problems.push(at('tenant', RESERVED))
    return problems
  }
  if (entry.account === undefined) problems.push(at('account', 'a trusted token names its account; add account: NAME'))
  if (entry.account === LOCAL_AUTHORITY) problems.push(at('account', RESERVED))
  if (entry.tenants !== undefined && entry.tenant_prefix !== undefined)
    problems.push(at('tenant_prefix', 'tenants and tenant_prefix are two limits; keep one of them'))
  return problems
}

const RESERVED = `"${LOCAL_AUTHORITY}" stands for senders without a token; choose another name`

const repeatedIds = (entries: readonly Entry[]): readonly ConfigProblem[] =>
  entries.flatMap(({ id }, index) =>
    entries.findIndex((other) => other.id === id) === index
      ? []
      : [{ path: ['tokens', index, 'id'], what: 'another token has this id; give every token its own' }],
  )

const repeatedTenants = (tenants: readonly string[]): readonly ConfigProblem[] =>
  tenants.flatMap((tenant, index) =>
    tenants.indexOf(tenant) === index
      ? []
      : [{ path: ['tenant_quotas', index, 'tenant'], what: 'this tenant has a quota already; keep one of them' }],
  )

/** A tenant and an account of one name would share their trace keys: one could reverse the other's charges. */
const sharedAuthorities = (entries: readonly Entry[]): readonly ConfigProblem[] => {
  const tenants = new Set(entries.map(({ tenant }) => tenant).filter((tenant) => tenant !== FROM_ATTRIBUTE))
  return entries.flatMap(({ account }, index) =>
    account !== undefined && tenants.has(account)
      ? [{ path: ['tokens', index, 'account'], what: 'a tenant of another token has this name; choose another one' }]
      : [],
  )
}

const bindingOf = ({ tenant, account, tenants, tenant_prefix }: Entry): TokenBinding =>
  tenant === FROM_ATTRIBUTE
    ? {
        kind: 'trusted',
        account: account ?? '',
        ...(tenants === undefined ? {} : { tenants: new Set(tenants) }),
        ...(tenant_prefix === undefined ? {} : { tenantPrefix: tenant_prefix }),
      }
    : { kind: 'tenant', tenant }

const quotaOf = (quota: z.infer<typeof quotaSchema>): TokenQuota => {
  const { requests_per_second: requests, bytes_per_second: bytes, spans_per_second: spans } = quota
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(spans === undefined ? {} : { spans }),
  }
}

const entryOf = (entry: Entry): TokenEntry => ({
  id: entry.id,
  secretHash: Buffer.from(entry.sha256, 'hex'),
  scopes: new Set(entry.scopes),
  binding: bindingOf(entry),
  ...(entry.expires === undefined ? {} : { expiresAtMs: entry.expires }),
  ...(entry.revoked === undefined ? {} : { revokedAtMs: entry.revoked }),
  quota: quotaOf(entry.quota ?? {}),
})
