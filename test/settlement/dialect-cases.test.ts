import { readFileSync } from 'node:fs'
import { type Meter, TOKEN_METERS } from '@outlay/core'
import type { SpanEvidence } from '@outlay/semconv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceOf, type OtlpTraceRequest } from '../../packages/semconv/test/otlp-json.ts'
import { requestOf } from '../harness/otlp-evidence.ts'
import { sendRequest } from '../harness/otlp-spans.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

interface DialectCase {
  readonly id: string
  readonly title: string
  readonly otlp: OtlpTraceRequest
  readonly expected: readonly {
    readonly span_id: string
    readonly meters: Partial<Record<Meter, number>>
    readonly inclusion?: string
    readonly billable_reason?: string
  }[]
}

const cases = JSON.parse(
  readFileSync(new URL('../../packages/semconv/test/fixtures/otlp-dialect-cases.json', import.meta.url), 'utf8'),
) as DialectCase[]

/** Ways in which one trace may arrive, each under a trace id of its own. */
const ARRIVALS = ['in one request', 'reversed and one by one', 'twice'] as const
type Arrival = (typeof ARRIVALS)[number]

const traceIdOf = (arrival: Arrival, position: number): string =>
  `${ARRIVALS.indexOf(arrival) + 1}${position.toString(16).padStart(31, '0')}`

const spansOf = ({ otlp }: DialectCase, arrival: Arrival, position: number): SpanEvidence[] =>
  evidenceOf(otlp).map((span) => ({ ...span, traceId: traceIdOf(arrival, position) }))

let ledger: TestLedger
let database: string
let collector: TestCollector

const send = async (spans: readonly SpanEvidence[]): Promise<void> => {
  expect(await sendRequest(collector.collector.url, requestOf(spans))).toBe(true)
}

interface Charge {
  readonly trace: string
  readonly span_id: string
  readonly inclusion: string
  readonly billable_reason: string
  readonly meters: Record<string, string>
}
let charges: readonly Charge[] = []

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  // The cases are about counters: nobody is asked who pays.
  collector = await startTestCollector(ledger, database, { require: [] })
  await send(cases.flatMap((each, position) => spansOf(each, 'in one request', position)))
  const reversed = cases.flatMap((each, position) => spansOf(each, 'reversed and one by one', position).toReversed())
  for (const span of reversed) await send([span])
  const twice = cases.flatMap((each, position) => spansOf(each, 'twice', position))
  await send(twice)
  await collector.collector.settled()
  await send(twice.toReversed())
  await collector.collector.settled()
  const quantities = TOKEN_METERS.map((meter) => `'${meter}', toInt64(any(${meter}))`).join(', ')
  charges = await rows<Charge>(`SELECT lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span_id,
      any(inclusion) AS inclusion, any(billable_reason) AS billable_reason,
      mapFilter((_, quantity) -> quantity != 0, map(${quantities})) AS meters
    FROM (SELECT * FROM ${database}.calls WHERE usage_status != 'absent')
    GROUP BY trace_id, span_id, seq HAVING sum(sign) = 1 ORDER BY trace_id, span_id`)
}, 120_000)

afterAll(async () => {
  await collector?.close()
  await ledger?.close()
})

const rows = async <Row>(query: string): Promise<Row[]> =>
  (await ledger.client.query({ query, format: 'JSONEachRow' })).json<Row>()

describe.each(ARRIVALS)('a trace that arrives %s', (arrival) => {
  test.each(cases.map((each, position) => ({ ...each, position })))(
    '$id is charged as expected',
    ({ expected, position }) => {
      const found = charges.filter(({ trace }) => trace === traceIdOf(arrival, position))
      expect(
        found.map(({ span_id, meters, inclusion, billable_reason }, row) => ({
          span_id,
          meters: Object.fromEntries(Object.entries(meters).map(([meter, net]) => [meter, Number(net)])),
          ...(expected[row]?.inclusion === undefined ? {} : { inclusion }),
          ...(expected[row]?.billable_reason === undefined ? {} : { billable_reason }),
        })),
      ).toEqual(expected)
    },
  )
})
