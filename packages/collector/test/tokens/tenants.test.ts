import { describe, expect, test } from 'vitest'
import type { SpanEvidence } from '@outlay/semconv'
import { bindTenant } from '#src/pipeline/bind-tenant.ts'
import { decodeTraceRequest } from '#src/otlp/index.ts'
import { sendProtobuf } from '../otlp/http-client.ts'
import { decodeMessage, type Plain } from '../otlp/otlp-schema.ts'
import { loggedSpans, startReceiver } from '../otlp/receiver-fixture.ts'
import { encodeRequest, intAttribute, spanOf, textAttribute } from '../otlp/requests.ts'
import { readAll } from '../wal/wal-fixture.ts'
import { tokensFile, watchTokens } from './token-fixture.ts'

const KEY = 'outlay.tenant.id'
const COMPOSED = 'caf\u00e9'
const DECOMPOSED = 'cafe\u0301'
/** The first letter is Cyrillic. */
const HOMOGLYPH = '\u0430cme'
const named = (name: string, ...attributes: Plain[]): Plain => spanOf({ name, attributes })

describe('S2: a trusted token with a list of tenants', () => {
  test('has spans rejected by count that name another one, byte by byte after NFC, and the others kept', async () => {
    const file = tokensFile()
    const binding = { kind: 'trusted', account: 'app', tenants: new Set(['acme', COMPOSED]) } as const
    const token = await file.add({ binding })
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const foreign = [HOMOGLYPH, 'Acme', ' acme', '../acme', 'acme%00', 'acme\u0000', 'x'.repeat(1_024), '']
    const body = encodeRequest([
      named('listed', textAttribute(KEY, 'acme'), textAttribute('service.version', '1')),
      ...foreign.map((tenant) => named('foreign', textAttribute(KEY, tenant))),
      named('decomposed', textAttribute(KEY, DECOMPOSED)),
      named('number', intAttribute(KEY, 7)),
      named('both', textAttribute(KEY, 'acme'), textAttribute(KEY, 'other')),
      named('nameless'),
    ])
    const answer = await sendProtobuf(receiver.port, body, { authorization: `Bearer ${token}` })
    expect(decodeMessage('ExportTraceServiceResponse', answer.body)).toEqual({
      partialSuccess: { rejectedSpans: '10', errorMessage: 'rejected spans: tenant_not_allowed 10' },
    })
    expect(await loggedSpans(receiver.wal)).toEqual(['listed', 'decomposed', 'nameless'])
    expect(receiver.counted.get('rejected tenant_not_allowed')).toBe(10)
    const [record] = await readAll(receiver.wal)
    expect(record).toMatchObject({ spanCount: 3, meta: { authority: 'app' } })
    expect(record?.meta.tenant).toBeUndefined()
  })

  test('has all spans of a resource rejected that names another one, wherever it stands', async () => {
    const file = tokensFile()
    const token = await file.add({ binding: { kind: 'trusted', account: 'app', tenantPrefix: 'eu-' } })
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const send = (tenant: string) =>
      sendProtobuf(receiver.port, encodeRequest([named(tenant)], { attributes: [textAttribute(KEY, tenant)] }), {
        authorization: `Bearer ${token}`,
      })
    for (const tenant of ['us-1', 'eu-1']) expect((await send(tenant)).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['eu-1'])
  })
})

describe('S2: the same trace sent by two tenants', () => {
  test('is two records under two authorities: the one is no copy of the other', async () => {
    const file = tokensFile()
    const mine = await file.add({ binding: { kind: 'tenant', tenant: 'mine' } })
    const yours = await file.add({ binding: { kind: 'tenant', tenant: 'yours' } })
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    for (const token of [mine, yours, yours])
      await sendProtobuf(receiver.port, encodeRequest([spanOf()]), { authorization: `Bearer ${token}` })
    expect((await readAll(receiver.wal)).map(({ meta }) => meta.authority)).toEqual(['mine', 'yours'])
    expect(receiver.counted.get('duplicate')).toBe(1)
  })
})

describe('S2: the tenant of a span', () => {
  const decoded = (attributes: Plain[], resource: Plain[] = []): SpanEvidence => {
    const body = encodeRequest([spanOf({ attributes })], { attributes: resource })
    const [span] = decodeTraceRequest(body, { authority: 'acme', receivedUnixNano: 1n }).spans
    if (span === undefined) throw new Error('no span')
    return span
  }
  const tenantOf = (span: SpanEvidence) => span.attributes[KEY] ?? span.resource[KEY]

  test.each([
    ['on the span', decoded([textAttribute(KEY, 'other')]), 'other'],
    ['on the resource', decoded([], [textAttribute(KEY, 'other')]), 'other'],
    ['too long', decoded([textAttribute(KEY, '\u00e9'.repeat(100))]), '\u00e9'.repeat(64)],
  ])('is the one of a bound token; a claim %s is kept beside it', (_, span, claimedTenant) => {
    const bound = bindTenant(span, 'acme')
    expect(bound).toMatchObject({ claimedTenant, reason: 'other_tenant' })
    expect(bound.span.attributes[KEY]).toBe('acme')
  })

  test('is the one of a bound token without a word when the span says the same or nothing', () => {
    for (const span of [decoded([]), decoded([textAttribute(KEY, 'acme')])]) {
      const bound = bindTenant(span, 'acme')
      expect([bound.span.attributes[KEY], bound.claimedTenant, bound.reason]).toEqual(['acme', '', undefined])
    }
  })

  test('is what the span says where the token leaves it to the span, in NFC; what is no tenant id is only a claim', () => {
    expect(tenantOf(bindTenant(decoded([textAttribute(KEY, DECOMPOSED)]), undefined).span)).toBe(COMPOSED)
    expect(tenantOf(bindTenant(decoded([], [textAttribute(KEY, DECOMPOSED)]), undefined).span)).toBe(COMPOSED)
    const valid = decoded([textAttribute(KEY, 'acme')])
    expect(bindTenant(valid, undefined).span).toBe(valid)
    for (const invalid of ['x'.repeat(129), 'a\nb']) {
      const bound = bindTenant(decoded([textAttribute(KEY, invalid)], [textAttribute(KEY, 'acme')]), undefined)
      expect(bound).toMatchObject({ claimedTenant: invalid.slice(0, 128), reason: 'invalid_tenant' })
      expect(tenantOf(bound.span)).toBeUndefined()
    }
  })
})
