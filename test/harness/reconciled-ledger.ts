/** Ledgers to compare with exports: what the fixtures of whole exports fit, and one scene per cause. */
import { accountChargesTable, type CallRow, writeRows } from '@outlay/clickhouse'
import { parseUsd } from '@outlay/core'
import { type PriceRow, withContract } from '@outlay/pricing'
import { type CallSpec, entriesFor } from './ledger-rows.ts'
import { addPrices, changeBook, loadPrices, postCalls, seconds, type TestLedger } from './test-ledger.ts'

/** 2 dollars per million input tokens, 10 per million output tokens; priority 4 and 20. */
const SOL = 'gpt-6.1-sol'
export const SOL_RAW = 'gpt-6.1-sol-2026-09-29'
/** 4 dollars per million input tokens since 2026-08-21, 5 before. */
export const OLDER = 'gpt-5.6-sol'
const OPUS_RAW = 'claude-opus-5-5-20260922'

interface Target {
  readonly ledger: TestLedger
  readonly database: string
}

let nextId = 1
const call = (at: string, input: number, more: Partial<CallSpec> = {}): CallSpec => {
  nextId += 1
  return {
    id: nextId,
    at,
    model: SOL,
    meters: { input },
    selectors: { serviceTier: 'default', ...more.selectors },
    ...more,
  }
}

const OPENAI_CALLS: readonly CallSpec[] = [
  call('2026-11-03T09:00:00Z', 1200, {
    model: SOL_RAW,
    meters: { input: 1200, cache_read: 300, cache_write_30m: 77, output: 150, output_reasoning: 50, web_search: 3 },
  }),
  call('2026-11-03T09:01:00Z', 801, { model: SOL_RAW, meters: { input: 801, output: 99 } }),
  call('2026-11-03T09:02:00Z', 111, {
    model: SOL_RAW,
    meters: { input: 111, output: 9 },
    selectors: { serviceTier: 'priority' },
  }),
  call('2026-11-03T09:03:00Z', 5001, {
    model: SOL_RAW,
    meters: { input: 5001, output: 703 },
    selectors: { serviceTier: 'default', batch: true },
  }),
  call('2026-11-04T09:00:00Z', 249_983, { model: SOL_RAW, meters: { input: 249_983, output: 10_007 } }),
  ...[1, 2, 3].map((minute) => call(`2026-11-04T09:0${minute}:00Z`, 250_000, { model: SOL_RAW })),
  // Another biller serves the same model: no line of OpenAI pays for it.
  call('2026-11-04T10:00:00Z', 40_000, {
    model: SOL_RAW,
    selectors: { serviceTier: 'default', host: 'acme.openai.azure.com' },
  }),
]

const anthropicCall = (at: string, meters: CallSpec['meters'], batch = false): CallSpec =>
  call(at, 0, {
    provider: 'anthropic',
    model: OPUS_RAW,
    meters,
    selectors: { serviceTier: batch ? 'batch' : 'standard', batch },
  })
const ANTHROPIC_CALLS: readonly CallSpec[] = [
  anthropicCall('2026-11-03T09:00:00Z', { input: 2000, cache_read: 300, cache_write_5m: 40, output: 200 }),
  anthropicCall('2026-11-03T23:30:00Z', { input: 1, cache_write_1h: 30, output: 99, web_search: 2 }),
  anthropicCall('2026-11-03T10:00:00Z', { input: 5001, output: 703 }, true),
  anthropicCall('2026-11-04T10:00:00Z', { input: 999_983, output: 10_007 }),
]

const CAUSE_CALLS: readonly CallSpec[] = [
  call('2026-10-03T12:00:00Z', 5000),
  call('2026-10-03T23:59:59Z', 1000),
  call('2026-10-04T12:00:00Z', 5000),
  // Around an edge of an export: one call around midnight, one at noon.
  call('2026-10-07T12:00:00Z', 700),
  call('2026-10-07T23:58:00Z', 1000),
  call('2026-10-08T12:00:00Z', 5000),
  call('2026-10-12T12:00:00Z', 5000),
  call('2026-10-16T12:00:00Z', 5000),
  call('2026-10-16T12:01:00Z', 1000, { selectors: { serviceTier: '' } }),
  call('2026-10-20T12:00:00Z', 5000),
  call('2026-10-20T12:01:00Z', 1000),
  call('2026-10-20T12:02:00Z', 1000),
  call('2026-10-24T12:00:00Z', 5000),
  call('2026-10-24T12:01:00Z', 1000, { attribution: { attempt: 2 } }),
  call('2026-10-25T12:00:00Z', 5000),
  call('2026-10-25T12:01:00Z', 0, { meters: {}, usageStatus: 'absent' }),
  call('2026-08-25T12:00:00Z', 1_000_000, { model: OLDER, meters: { output: 1_000_000 } }),
  call('2026-10-28T12:00:00Z', 1_234_567, { meters: { output: 1_234_567 } }),
  call('2026-11-12T12:00:00Z', 5000, { model: 'lab-preview-7' }),
]
const REPEATED = new Set(
  ['2026-10-20T12:01:00Z', '2026-10-20T12:02:00Z'].map((at) => BigInt(Date.parse(at)) * 1_000_000n),
)
const withResponseIds = (rows: readonly CallRow[]): CallRow[] =>
  rows.map((row) => (REPEATED.has(row.time) ? { ...row, response_id: 'resp_once' } : row))

/** Adds a list price of SOL's output as a new revision, with what a test makes of it. */
const addOutputPrice = async ({ ledger, database }: Target, change: Partial<PriceRow>): Promise<void> => {
  const listed = ledger.book.rows.find(
    (row) =>
      row.provider === 'openai' &&
      row.model === SOL &&
      row.tier === 'standard' &&
      row.meter === 'output' &&
      row.region === '' &&
      row.band === 0,
  ) as PriceRow
  await addPrices(ledger, database, [{ ...listed, ...change }])
}

/** A contract of another tenant than that of the scenes. */
const CONTRACT = {
  card: 'tenant:globex',
  file: 'globex.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
card: "tenant:globex"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
rules: [{multiplier: "0.8", models: [openai/${SOL}], src: signed, grade: A}]
`,
}

const DAY_MS = 86_400_000

const addCharge = ({ ledger, database }: Target, label: string, amount: string, more: object = {}): Promise<void> =>
  writeRows(ledger.client, database, accountChargesTable, {
    rows: [
      {
        provider: 'openai',
        period: Date.parse('2026-11-20T00:00:00Z') / DAY_MS,
        grain: 'day',
        kind: 'account',
        label,
        amount: parseUsd(amount),
        model: '',
        source: 'invoice 11',
        ...more,
      },
    ],
    token: `${label} ${amount}`,
  })

/** The same calls in a ledger with a correction, a book of several revisions, a contract and charges to the account. */
export const fillRevisedLedger = async (target: Target): Promise<void> => {
  const { ledger, database } = target
  const specs = [
    ...CAUSE_CALLS,
    call('2026-11-20T12:00:00Z', 0, { meters: { output: 1_234_567 } }),
    call('2026-10-30T11:59:59Z', 0, { meters: { output: 1000 } }),
    call('2026-10-30T13:00:00Z', 0, { meters: { output: 500 }, attribution: { tenant: 'globex' } }),
    call('2026-10-30T12:00:00Z', 0, { meters: { output: 3000 } }),
  ]
  const rows = entriesFor(ledger.book, specs)
  // The last charge is reversed and posted anew with less: only the net counts.
  const last = { ...(specs.at(-1) as CallSpec), meters: { output: 2000 } }
  const correction = entriesFor(
    ledger.book,
    [last],
    rows.filter(({ span_id }) => span_id === rows.at(-1)?.span_id),
  )
  await postCalls(ledger, database, [...rows, ...correction], 'calls')
  await addOutputPrice(target, { price: '11', fusd: 11_000_000_000n })
  await changeBook(ledger, database, ({ recorded, latest }) => withContract(recorded, latest, CONTRACT))
  const noon = { validFrom: seconds('2026-10-30T12:00:00Z'), validTo: seconds('2026-11-01') }
  await addOutputPrice(target, { price: '12', fusd: 12_000_000_000n, ...noon })
  await loadPrices(ledger, database)
  await addCharge(target, 'vector store STORAGE', '9')
  await addCharge(target, 'Vector store storage', '1.375')
  await addCharge(target, 'November commitment', '2', { grain: 'month' })
  await addCharge(target, 'of another provider', '3', { provider: 'anthropic' })
  await addCharge(target, 'free tokens', '-2', { kind: 'free_allowance', model: SOL_RAW })
  await addCharge(target, 'withdrawn', '4')
  await addCharge(target, 'withdrawn', '0')
}

/** Calls that the fixtures of whole exports fit, and one scene per cause on days of its own. */
export const fillLedger = async ({ ledger, database }: Target): Promise<void> => {
  const rows = withResponseIds(entriesFor(ledger.book, [...OPENAI_CALLS, ...ANTHROPIC_CALLS, ...CAUSE_CALLS]))
  await postCalls(ledger, database, rows, 'calls')
}
