/** Evidence from memory: used where the database has just the same rows of a trace and no entry, and nowhere else. */
import {
  insertUnit,
  type QuarantineRow,
  quarantineTable,
  spanColumns,
  spansTable,
  UnitEncoder,
  writeRows,
} from '@outlay/clickhouse'
import { atOnce } from '@outlay/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestPart } from '../../packages/collector/src/ledger/evidence-memory.ts'
import { gatherTraces } from '../../packages/collector/src/ledger/gather-traces.ts'
import { readStoredTraces } from '../../packages/collector/src/ledger/read-back.ts'
import { RememberedTrace } from '../../packages/collector/src/ledger/remembered-trace.ts'
import { LoggedRequest } from '../../packages/collector/src/pipeline/logged-request.ts'
import { type StoredSpan, writtenSpanOf } from '../../packages/collector/src/pipeline/span-rows.ts'
import { encodeRequest, hex, intAttribute, textAttribute } from '../../packages/collector/test/otlp/requests.ts'
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
const ATTRIBUTES = [
  textAttribute('__proto__', 'name'),
  textAttribute('7', 'digit'),
  textAttribute('text', '\u0000 ü 𝄞 "quoted"'),
  textAttribute('empty', ''),
  ...Object.entries({
    nan: Number.NaN,
    up: Number.POSITIVE_INFINITY,
    down: Number.NEGATIVE_INFINITY,
    'minus zero': -0,
    'smallest double': 5e-324,
    tenth: 0.1,
  }).map(([key, doubleValue]) => ({ key, value: { doubleValue } })),
  intAttribute('smallest integer', '-9223372036854775808'),
  intAttribute('behind 2^53', '9007199254740993'),
  { key: 'yes', value: { boolValue: true } },
  { key: 'no', value: { boolValue: false } },
]

let traces = 0
const newTrace = () => {
  traces += 1
  return { authority: 'local', traceId: traces.toString(16).padStart(32, '0') }
}
type Trace = ReturnType<typeof newTrace>

let requests = 0n
/** As it lies in a log. A token that is bound to a tenant, and a name that is mapped: what is stored is not what was sent. */
const requestOf = ({ authority, traceId }: Trace, spans: readonly number[], walUuid = LOG): LoggedRequest => {
  requests += 1n
  const sent = spans.map((span) => ({
    traceId: hex(traceId),
    spanId: hex(span.toString(16).padStart(16, '0')),
    parentSpanId: span % 2 === 0 ? hex('00000000000000aa') : Buffer.alloc(8),
    name: 'chat ü',
    kind: 3,
    status: { code: 2 },
    startTimeUnixNano: '18446744073709551615',
    endTimeUnixNano: '0',
    attributes: span === 3 ? [] : ATTRIBUTES,
  }))
  const resource = { attributes: [textAttribute('service.name', 'api'), intAttribute('replicas', 3)] }
  const body = encodeRequest(sent, resource, { name: 'scope' })
  const meta = { authority, tenant: 'bound' }
  return new LoggedRequest({ walUuid, lsn: requests, receivedUnixNano: RECEIVED, meta, body }, (span) => ({
    ...span,
    attributes: { ...span.attributes, 'outlay.feature': 'mapped' },
  }))
}

const spansOf = (request: LoggedRequest) => Array.from({ length: request.length }, (_, pos) => request.span(pos))
const partOf = (request: LoggedRequest): RequestPart => ({ request, positions: spansOf(request).map(({ pos }) => pos) })

const store = async (...stored: readonly LoggedRequest[]): Promise<void> => {
  const unit = new UnitEncoder(spansTable.table, spanColumns)
  for (const span of stored.flatMap(spansOf)) atOnce(unit.appending([writtenSpanOf(span, span.claimedTenant)]))
  const encoded = atOnce(unit.finishing(`${stored[0]?.lsn}:spans`))
  expect(await insertUnit(ledger.client, database, encoded)).toEqual({ status: 'accepted' })
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

const gather = async (trace: Trace, ...remembered: readonly LoggedRequest[]) => {
  const recall = () => remembered.map(partOf)
  const [found] = await gatherTraces(source(), [trace], { walId: LOG, recall })
  return { fromMemory: found instanceof RememberedTrace, spans: inOrder(found?.spans ?? []), ledger: found?.ledger }
}

const inOrder = (spans: readonly StoredSpan[]): readonly StoredSpan[] =>
  spans.toSorted((a, b) => Number(a.lsn - b.lsn) || a.pos - b.pos)
const idsOf = (spans: readonly StoredSpan[]): readonly number[] => spans.map(({ span }) => Number(`0x${span.spanId}`))

describe('evidence of a trace', () => {
  test('is the same from memory as read back, whatever it holds', async () => {
    const trace = newTrace()
    const request = requestOf(trace, [1, 2, 3])
    await store(request)
    const [stored] = await readStoredTraces(source(), [trace])
    const { fromMemory, spans, ledger: entries } = await gather(trace, request)
    expect(fromMemory).toBe(true)
    const said = (found: readonly StoredSpan[]) =>
      inOrder(found).map(({ span: { attributes, resource, ...span }, walId, lsn, pos, receivedUnixNano }) => ({
        ...span,
        walId,
        lsn,
        pos,
        receivedUnixNano,
        attributes: new Map(Object.entries(attributes)),
        resource: new Map(Object.entries(resource)),
      }))
    expect(said(spans)).toEqual(said(stored?.spans ?? []))
    expect(spans[0]?.span.attributes).toMatchObject({ 'outlay.tenant.id': 'bound', 'outlay.feature': 'mapped' })
    expect(entries).toEqual({ calls: [], quarantine: [] })
  })

  test.each([
    ['a row of an earlier run', LOG],
    ['a row of another collector', OTHER_LOG],
  ])('is read back where the database has more: %s', async (_, walId) => {
    const trace = newTrace()
    const request = requestOf(trace, [1, 2])
    await store(request)
    await store(requestOf(trace, [3], walId))
    const found = await gather(trace, request)
    expect(found.fromMemory).toBe(false)
    expect(idsOf(found.spans)).toEqual([1, 2, 3])
  })

  test('is read back where the database refused a part of it, also if it has another instead', async () => {
    const fewer = newTrace()
    const [first, second] = [requestOf(fewer, [1]), requestOf(fewer, [2])]
    await store(first)
    expect(idsOf((await gather(fewer, first, second)).spans)).toEqual([1])
    const other = newTrace()
    const [kept, refused, instead] = [requestOf(other, [1]), requestOf(other, [2]), requestOf(other, [3])]
    await store(kept)
    await store(instead)
    expect(idsOf((await gather(other, kept, refused)).spans)).toEqual([1, 3])
  })

  test('is read back, with its entries, where the ledger speaks of the trace already', async () => {
    const trace = newTrace()
    const request = requestOf(trace, [1])
    await store(request)
    await writeRows(ledger.client, database, quarantineTable, { rows: [refusalOf(trace)], token: 'refusal' })
    const found = await gather(trace, request)
    expect(found.fromMemory).toBe(false)
    expect(found.ledger?.quarantine).toHaveLength(1)
  })

  test('of the same trace id from another authority is that of another trace', async () => {
    const trace = newTrace()
    const request = requestOf(trace, [1])
    await store(request, requestOf({ ...trace, authority: 'somebody-else' }, [2]))
    expect((await gather(trace, request)).fromMemory).toBe(true)
  })
})
