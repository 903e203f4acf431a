import { createToken } from '@outlay/collector'
import { OUTLAY } from '@outlay/semconv'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MadeUpSpan, otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
let collector: TestCollector
let directory: TempDir
const tokens = { acme: '', globex: '', app: '' }

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase()
  directory = tempDir()
  const file = `${directory.path}/tokens.yaml`
  const scopes = ['ingest'] as const
  tokens.acme = (await createToken(file, { binding: { kind: 'tenant', tenant: 'acme' }, scopes })).token
  tokens.globex = (await createToken(file, { binding: { kind: 'tenant', tenant: 'globex' }, scopes })).token
  tokens.app = (await createToken(file, { binding: { kind: 'trusted', account: 'app' }, scopes })).token
  collector = await startTestCollector(ledger, database, { directory, tokens: { file }, require: [] })
})
afterAll(async () => {
  await collector.close()
  await ledger.close()
  directory.remove()
})

const send = async (token: string, spans: readonly MadeUpSpan[]): Promise<boolean> => {
  const sent = await sendRequest(collector.collector.url, otlpRequest(spans), { authorization: `Bearer ${token}` })
  await collector.collector.settled()
  return sent
}

const query = async (sql: string): Promise<unknown[]> =>
  (await ledger.client.query({ query: sql, format: 'JSONEachRow' })).json()

const charges = (trace: number): Promise<unknown[]> =>
  query(`SELECT authority, tenant, sum(sign) AS net, count() AS entries FROM ${database}.calls
    WHERE lower(hex(trace_id)) = '${trace.toString(16).padStart(32, '0')}' GROUP BY authority, tenant ORDER BY authority`)

const callOf = (trace: number, span: number, attributes: Record<string, string | undefined>): MadeUpSpan => {
  const call = ownCall(trace, span)
  const merged = Object.entries({ ...call.attributes, ...attributes })
  const given = merged.filter((pair): pair is [string, string | number] => pair[1] !== undefined)
  return { ...call, attributes: Object.fromEntries(given) }
}

describe('S2: in the ledger', () => {
  test('a call belongs to the tenant of its token, whatever it claims, and the claim is kept and counted', async () => {
    expect(await send(tokens.acme, [callOf(1, 1, { [OUTLAY.TENANT_ID]: 'globex' })])).toBe(true)
    expect(await charges(1)).toEqual([{ authority: 'acme', tenant: 'acme', net: '1', entries: '1' }])
    expect(await query(`SELECT tenant, claimed_tenant FROM ${database}.spans`)).toEqual([
      { tenant: 'acme', claimed_tenant: 'globex' },
    ])
    expect(await collector.collector.metrics()).toContain('outlay_tenant_claims_total{reason="other_tenant"} 1')
  })

  test('somebody who knows a foreign trace cannot touch its charges: not with the same span, not with one above or below', async () => {
    await send(tokens.acme, [ownCall(2, 1)])
    const before = await charges(2)
    const [same, below] = [ownCall(2, 1), { ...ownCall(2, 2), parent: 1 }]
    await send(tokens.globex, [{ ...same, parent: 3 }, below, ownCall(2, 3)])
    expect((await charges(2)).slice(0, 1)).toEqual(before)
    expect(before).toEqual([{ authority: 'acme', tenant: 'acme', net: '1', entries: '1' }])
    expect(await charges(2)).toContainEqual(expect.objectContaining({ authority: 'globex', tenant: 'globex' }))
  })

  test('a trusted sender names the tenant; a call that names none is quarantined whatever the policy requires', async () => {
    const nameless = callOf(3, 2, { [OUTLAY.TENANT_ID]: undefined })
    await send(tokens.app, [callOf(4, 1, { [OUTLAY.TENANT_ID]: 'initech' }), nameless])
    expect(await charges(4)).toEqual([{ authority: 'app', tenant: 'initech', net: '1', entries: '1' }])
    expect(await charges(3)).toEqual([])
    expect(await query(`SELECT authority, missing FROM ${database}.quarantine`)).toEqual([
      { authority: 'app', missing: ['tenant'] },
    ])
  })

  test('nothing comes from a sender without a token', async () => {
    expect(await sendRequest(collector.collector.url, otlpRequest([ownCall(5, 1)]))).toBe(false)
    expect(await charges(5)).toEqual([])
  })
})
