/** Evidence from memory: used where the database has just the same rows of a trace and no entry, and nowhere else. */
import {
  encodeUnit,
  insertUnit,
  type QuarantineRow,
  quarantineTable,
  type SpanRow,
  spansTable,
  writeRows,
} from '@outlay/clickhouse'
import type { Attributes } from '@outlay/semconv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatherTraces } from '../../packages/collector/src/ledger/gather-traces.ts'
import { readStoredTraces } from '../../packages/collector/src/ledger/read-back.ts'
import { spanRowOf } from '../../packages/collector/src/pipeline/span-rows.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

const LOG = 'our-log'
const OTHER_LOG = 'other-log'
const RECEIVED = 1_790_000_000_000_000_000n

let ledger: TestLedger
let database: string

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
}, 60_000)

afterAll(() => ledger?.close())

/** Values that are easily lost on the way through a database. */
const ATTRIBUTES: Attributes = {
  ...(JSON.parse('{"__proto__": "name", "7": "digit", "text": "\\u0000 ü 𝄞 \\"quoted\\""}') as Attributes),
  nan: Number.NaN,
  up: Number.POSITIVE_INFINITY,
  down: Number.NEGATIVE_INFINITY,
  'minus zero': -0,
  'smallest double': 5e-324,
  tenth: 0.1,
  'smallest integer': -(2n ** 63n),
  'behind 2^53': 2n ** 53n + 1n,
  yes: true,
  no: false,
}

let traces = 0
const newTrace = () => {
  traces += 1
  return { authority: 'local', traceId: traces.toString(16).padStart(32, '0') }
}

const rowOf = ({ authority, traceId }: ReturnType<typeof newTrace>, span: number, walId = LOG): SpanRow =>
  spanRowOf(
    {
      authority,
      traceId,
      spanId: span.toString(16).padStart(16, '0'),
      parentSpanId: span % 2 === 0 ? '00000000000000aa' : '',
      name: 'chat ü',
      kind: 3,
      statusCode: 2,
      startUnixNano: 2n ** 64n - 1n,
      endUnixNano: 0n,
      receivedUnixNano: RECEIVED,
      scopeName: 'scope',
      scopeVersion: '',
      resource: { 'service.name': 'api', replicas: 3n },
      attributes: ATTRIBUTES,
    },
    { walId, lsn: BigInt(100 * traces + span), pos: span, claimedTenant: 'claimed' },
  )

const store = async (rows: readonly SpanRow[]): Promise<void> => {
  const unit = encodeUnit(spansTable, rows, `${rows[0]?.wal_id}:${rows[0]?.lsn}:spans`)
  expect(await insertUnit(ledger.client, database, unit)).toEqual({ status: 'accepted' })
}

const source = () => ({ client: ledger.client, database })

const refusalOf = ({ authority, traceId }: ReturnType<typeof newTrace>): QuarantineRow => ({
  entry_id: traceId,
  sign: 1,
  seq: 1,
  content_hash: traceId,
  posted_at: 0n,
  reason: 'missing_attribution',
  missing: ['tenant'],
  authority,
  trace_id: traceId,
  span_id: '0000000000000001',
  part: 'main',
  time: RECEIVED,
  tenant: '',
  feature: '',
  workload: '',
  service: '',
  environment: '',
  scope_name: '',
  provider: '',
  model: '',
  price_region: '',
  price_tier: '',
  prompt_band: 0,
  sku: 0n,
  price_slot: 0,
  usage_bits: 0,
  meters: {},
  wal_id: OTHER_LOG,
  unit: 0n,
  pos: 0,
})

/** Which of the rows came from memory: the very same objects. */
const gather = async (trace: ReturnType<typeof newTrace>, remembered: readonly SpanRow[] | undefined) => {
  const [found] = await gatherTraces(source(), [trace], { walId: LOG, recall: () => remembered })
  return { rows: found?.spans ?? [], fromMemory: found?.spans === remembered, ledger: found?.ledger }
}

describe('rows of a trace', () => {
  test('are the same from memory as read back, whatever they hold', async () => {
    const trace = newTrace()
    const rows = [rowOf(trace, 1), rowOf(trace, 2)]
    await store(rows)
    const [stored] = await readStoredTraces(source(), [trace])
    expect(stored?.spans.toSorted((a, b) => a.pos - b.pos)).toEqual(rows)
    expect(await gather(trace, rows)).toEqual({ rows, fromMemory: true, ledger: { calls: [], quarantine: [] } })
  })

  test.each([
    ['a row of an earlier run', (trace: ReturnType<typeof newTrace>) => [rowOf(trace, 3)]],
    ['a row of another collector', (trace: ReturnType<typeof newTrace>) => [rowOf(trace, 3, OTHER_LOG)]],
  ])('are read back where the database has more: %s', async (_, more) => {
    const trace = newTrace()
    const rows = [rowOf(trace, 1), rowOf(trace, 2)]
    await store(rows)
    await store(more(trace))
    const found = await gather(trace, rows)
    expect(found.fromMemory).toBe(false)
    expect(found.rows.map(({ pos }) => pos).toSorted((a, b) => a - b)).toEqual([1, 2, 3])
  })

  test('are read back where the database refused one, also if it has another instead', async () => {
    const fewer = newTrace()
    await store([rowOf(fewer, 1)])
    expect((await gather(fewer, [rowOf(fewer, 1), rowOf(fewer, 2)])).rows).toEqual([rowOf(fewer, 1)])
    const other = newTrace()
    await store([rowOf(other, 1), rowOf(other, 3)])
    const found = await gather(other, [rowOf(other, 1), rowOf(other, 2)])
    expect(found.rows.map(({ pos }) => pos).toSorted((a, b) => a - b)).toEqual([1, 3])
  })

  test('are read back, with their entries, where the ledger speaks of the trace already', async () => {
    const trace = newTrace()
    const rows = [rowOf(trace, 1)]
    await store(rows)
    await writeRows(ledger.client, database, quarantineTable, {
      rows: [refusalOf(trace)],
      token: 'refusal',
    })
    const found = await gather(trace, rows)
    expect(found.fromMemory).toBe(false)
    expect(found.ledger?.quarantine).toHaveLength(1)
  })

  test('of the same trace id from another authority are another trace', async () => {
    const trace = newTrace()
    const stranger = { ...trace, authority: 'somebody-else' }
    const rows = [rowOf(trace, 1)]
    await store([...rows, rowOf(stranger, 2)])
    expect((await gather(trace, rows)).fromMemory).toBe(true)
  })
})
