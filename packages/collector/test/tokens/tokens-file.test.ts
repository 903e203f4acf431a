import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseTokensFile } from '#src/tokens/parse-tokens-file.ts'
import { createToken, readTokensFile, revokeToken } from '#src/tokens/index.ts'
import { idOf, secretOf, tokensFile } from './token-fixture.ts'

const HASH = 'a'.repeat(64)
const entry = (keys: string): string => `  - { id: abcd, sha256: "${HASH}", scopes: [ingest], ${keys} }\n`
const refusalOf = (text: string): string => {
  try {
    parseTokensFile('tokens.yaml', text)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

describe('a tokens file', () => {
  test('is refused with every problem and its line, and without a value of it', () => {
    const secret = 'q'.repeat(43)
    const message = refusalOf(
      [
        'tokens:',
        `  - { id: UPPER, sha256: "${secret}", scopes: [ingset], tenant: acme, expires: soon }`,
        `  - { id: abcd, sha256: "${HASH}", scopes: [], tennant: acme, tenant: "${'t'.repeat(129)}" }`,
        `  - { id: efgh, sha256: "${HASH}", scopes: [read], tenant: acme, quota: { bytes_per_second: 10 } }`,
        'extra: 1',
      ].join('\n'),
    )
    expect(message).toMatch(/^tokens file refused, 9 problem\(s\):/)
    for (const part of [
      'tokens.yaml:2 tokens[0].id: got a text of 5 characters; want 4 to 32 lower-case letters',
      'tokens.yaml:2 tokens[0].sha256: got a text of 43 characters; want the SHA-256',
      'tokens[0].scopes[0]: got a text of 6 characters; want one of ingest, read, decide, admin, did you mean "ingest"?',
      'tokens[0].expires: got a text of 4 characters; want an instant',
      'tokens.yaml:3 tokens[1].tennant: unknown key, did you mean "tenant"?',
      'tokens[1].scopes: got a list of 0; want a list of scopes',
      'tokens[1].tenant: got a text of 129 characters; want a tenant id',
      'tokens[2].quota.bytes_per_second: got a number; want a size with its unit',
      'tokens.yaml:5 extra: unknown key',
    ]) {
      expect(message).toContain(part)
    }
    expect(message).not.toContain(secret)
  })

  test('may give a tenant a quota, once, for all that send for it', () => {
    const quotas = (...lines: readonly string[]): string => ['tokens: []', 'tenant_quotas:', ...lines].join('\n')
    const { tenantQuotas } = parseTokensFile(
      't.yaml',
      quotas('  - { tenant: e\u0301, quota: { spans_per_second: 5, bytes_per_second: 1KiB } }'),
    )
    expect([...tenantQuotas]).toEqual([['\u00e9', { spans: 5, bytes: 1_024 }]])
    const message = refusalOf(quotas('  - { tenant: a, quota: { spans: 1 } }', '  - { tenant: a, quotta: {} }'))
    expect(message).toContain('tenant_quotas[0].quota.spans: unknown key')
    expect(message).toContain('tenant_quotas[1].quotta: unknown key, did you mean "quota"?')
    const twice = refusalOf(quotas('  - { tenant: a, quota: {} }', '  - { tenant: a, quota: {} }'))
    expect(twice).toContain('tenant_quotas[1].tenant: this tenant has a quota already')
  })

  test('names no tenant for two kinds of senders: one could reverse the charges of the other', () => {
    const file = (account: string) =>
      `tokens:\n${entry('tenant: acme')}${entry(`tenant: from_attribute, account: ${account}`).replace('abcd', 'efgh')}`
    expect(refusalOf(file('acme'))).toContain('tokens[1].account: a tenant of another token has this name')
    expect(refusalOf(file('local'))).toContain('"local" stands for senders without a token')
    expect(refusalOf(file('our-app'))).toBe('accepted')
  })

  test('gives a trusted token its account and at most one limit, and a bound one neither', () => {
    expect(refusalOf(`tokens:\n${entry('tenant: from_attribute')}`)).toContain('a trusted token names its account')
    const limits = 'tenant: from_attribute, account: app, tenants: [a], tenant_prefix: b'
    expect(refusalOf(`tokens:\n${entry(limits)}`)).toContain('are two limits')
    expect(refusalOf(`tokens:\n${entry('tenant: acme, account: app')}`)).toContain('only for a trusted token')
    expect(refusalOf(`tokens:\n${entry('tenant: acme')}${entry('tenant: acme')}`)).toContain(
      'another token has this id',
    )
  })

  test('quotes no line of a file that is no YAML', () => {
    const message = refusalOf('tokens:\n  - {id: "sec')
    expect(message).toContain('is not valid YAML')
    expect(message).not.toContain('sec"')
  })
})

describe('changing a tokens file by command', () => {
  test('keeps comments, writes for its owner alone, and never the secret', async () => {
    const tokens = tokensFile()
    using _ = tokens.directory
    writeFileSync(tokens.file, '# ours\ntokens:\n  # of the web team\n' + entry('tenant: acme'), { mode: 0o644 })
    const token = await tokens.add({ expiresAtMs: Date.parse('2030-01-01') })
    const text = readFileSync(tokens.file, 'utf8')
    expect(text).toContain('# ours')
    expect(text).toContain('# of the web team')
    expect(text).not.toContain(secretOf(token))
    expect(statSync(tokens.file).mode & 0o777).toBe(0o600)
    expect((await readTokensFile(tokens.file)).map(({ id }) => id)).toEqual(['abcd', idOf(token)])
  })

  test('revokes by id, once, and says which ids there are not', async () => {
    const tokens = tokensFile()
    using _ = tokens.directory
    const id = idOf(await tokens.add({}))
    expect((await revokeToken(tokens.file, id, 1_000)).revokedAtMs).toBe(1_000)
    expect((await revokeToken(tokens.file, id, 2_000)).revokedAtMs).toBe(1_000)
    await expect(revokeToken(tokens.file, 'none', 1_000)).rejects.toMatchObject({ code: 'E_TOKEN_ID' })
  })

  test('leaves the file alone when the result would be wrong, or another command is at it', async () => {
    const tokens = tokensFile()
    using _ = tokens.directory
    await tokens.add({ binding: { kind: 'tenant', tenant: 'acme' } })
    const before = readFileSync(tokens.file, 'utf8')
    const clash = { binding: { kind: 'trusted', account: 'acme' }, scopes: ['ingest'] } as const
    await expect(createToken(tokens.file, clash)).rejects.toMatchObject({ code: 'E_TOKENS_FILE' })
    writeFileSync(`${tokens.file}.new`, '')
    await expect(tokens.add({})).rejects.toThrow('being changed by another command')
    expect(readFileSync(tokens.file, 'utf8')).toBe(before)
  })
})
