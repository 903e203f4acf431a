import { formatUsd } from '@outlay/core'
import {
  defineWhatIfBook,
  scopedBooks,
  readStoredBooks,
  stagePriceBook,
  readBookHistory,
  bookNamed,
} from '@outlay/clickhouse'
import {
  addToList,
  type BookData,
  cellsOnSheets,
  parseWhatIf,
  priceUsage,
  withContract,
  withoutContract,
} from '@outlay/pricing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inEveryKpi, readKpiMoney, SOFT_CAPPED } from '../harness/kpi-money.ts'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import {
  changeBook,
  listedInput,
  loadPrices,
  postCalls,
  readView,
  seconds,
  startTestLedger,
  type TestLedger,
} from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 2 })
  database = await ledger.createDatabase(['openai'])
  await postCalls(ledger, database, entriesFor(ledger.book, SPECS), 'calls')
})
afterAll(() => ledger.close())

const OCTOBER = { from: seconds('2026-10-01'), to: seconds('2026-11-01') }

/** gpt-5: 1.25 in, 10 out per million: one million in and 100,000 out cost 2.25; m = 8. */
const callOf = (id: number, tenant: string, at = '2026-10-05T10:00:00Z'): CallSpec => ({
  id,
  at,
  model: 'gpt-5',
  meters: { input: 1_000_000, output: 100_000 },
  ...SOFT_CAPPED,
  attribution: { ...SOFT_CAPPED.attribution, tenant, user: `h_${tenant}`, task: `${tenant}-${id}` },
})
const SPECS = [
  callOf(1, 'acme'),
  callOf(2, 'globex'),
  callOf(3, 'initech', '2026-10-14T23:59:59Z'),
  callOf(4, 'initech-late', '2026-10-15T00:00:00Z'),
]

const contractOf = (card: string, body: string) => ({
  card,
  file: `${card.replace(':', '-')}.yaml`,
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
card: "${card}"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
${body}
`,
})
const DISCOUNT = contractOf('tenant:acme', 'rules: [{discount: "0.12", src: signed, grade: A}]')

const money = (tenant: string, book = 'current') => readKpiMoney(ledger, database, { tenant, book, ...OCTOBER })
const LIST = inEveryKpi('2.25', 1_800_000)

/** The figure of KPI 3 alone, where one view is enough to tell whose book it was. */
const spend = async (tenant: string, book = 'current'): Promise<string | null | undefined> => {
  const [row] = await readView<{ month_usd: string | null }>(ledger, database, 'kpi_tenant_cost', {
    as_of: OCTOBER.to,
    tenants: [tenant],
    book,
  })
  return row?.month_usd
}

const record = async (change: Parameters<typeof changeBook>[2]): Promise<number> => {
  const revision = await changeBook(ledger, database, change)
  await loadPrices(ledger, database)
  return revision
}

describe('a contract of a tenant', () => {
  test('prices the calls of that tenant in every KPI, and of nobody else; its end gives the list back', async () => {
    expect(await spend('acme')).toBe('2.25')
    const signed = await record(({ recorded, latest }) => withContract(recorded, latest, DISCOUNT))
    expect(await money('acme')).toEqual(inEveryKpi('1.98', 1_800_000))
    expect(await money('globex')).toEqual(LIST)
    expect(await spend('acme', 'r1')).toBe('2.25')

    const ended = await record(({ recorded, latest }) => withoutContract(recorded, latest, 'tenant:acme'))
    expect(await spend('acme')).toBe('2.25')
    expect(await spend('acme', `r${signed}`)).toBe('1.98')
    expect(await spend('acme', `r${ended}`)).toBe('2.25')
  })

  test('follows the list that it is a discount on: a new list price moves both', async () => {
    await record(({ recorded, latest }) => withContract(recorded, latest, DISCOUNT))
    const input = listedInput(ledger)
    const dearer = { ...input, price: '2.5', fusd: 2_500_000_000n, validFrom: seconds('2026-10-01') }
    await record(({ recorded, latest }) => addToList(recorded, latest, cellsOnSheets(recorded, latest, [dearer])))
    // 2.5 + 1 = 3.5; m falls to 4. With 12 % off: 3.08.
    expect(await spend('globex')).toBe('3.5')
    expect(await money('acme')).toEqual(inEveryKpi('3.08', 1_400_000))
    expect(await spend('acme', 'r1')).toBe('2.25')
  })

  test('of an organisation holds for every tenant that has none of its own, from its first day on', async () => {
    const organisation = contractOf(
      'org:everybody',
      'rules: [{multiplier: "0.5", src: signed, grade: A, from: "2026-10-15"}]',
    )
    await record(({ recorded, latest }) => withContract(recorded, latest, organisation))
    expect(await spend('initech')).toBe('3.5')
    expect(await spend('initech-late')).toBe('1.75')
    expect(await spend('acme')).toBe('3.08')
    await record(({ recorded, latest }) => withoutContract(recorded, latest, 'org:everybody'))
  })

  test('of a project holds for the tenants that it names, before their own contract', async () => {
    const project = contractOf(
      'project:pilot',
      'tenants: [acme, initech]\nrules: [{discount: "1", src: signed, grade: A}]',
    )
    await record(({ recorded, latest }) => withContract(recorded, latest, project))
    expect(await spend('acme')).toBe('0')
    expect(await spend('initech')).toBe('0')
    expect(await spend('globex')).toBe('3.5')
    await record(({ recorded, latest }) => withoutContract(recorded, latest, 'project:pilot'))
  })

  test('two of one kind for one tenant are refused, and nothing changes', async () => {
    const everybody = contractOf('org:one', 'rules: [{discount: "0.1", src: signed, grade: A}]')
    const other = contractOf('org:two', 'rules: [{discount: "0.2", src: signed, grade: A}]')
    await record(({ recorded, latest }) => withContract(recorded, latest, everybody))
    const before = await spend('globex')
    await expect(record(({ recorded, latest }) => withContract(recorded, latest, other))).rejects.toThrow(
      /every tenant has two organisation cards: "one" and "two"/,
    )
    expect(await spend('globex')).toBe(before)
    await record(({ recorded, latest }) => withoutContract(recorded, latest, 'org:one'))
  })
})

describe('a what-if book', () => {
  const note = { author: 'test', reason: 'test', atMs: Date.now() }
  const define = async (name: string, definition: unknown, base = 'r1'): Promise<void> => {
    await defineWhatIfBook(ledger.client, database, { name, base, definition: parseWhatIf(definition) }, note)
    await loadPrices(ledger, database)
  }

  test('with halved cells prices the same counters in every KPI', async () => {
    await define('half-output', { cells: [{ where: { model: 'gpt-5', meter: 'output' }, to: { times: '0.5' } }] })
    expect(await money('globex', 'half-output')).toEqual(inEveryKpi('1.75', 1_400_000))
    expect(await spend('globex', 'r1')).toBe('2.25')
  })

  test('with another model and tier prices calls as that one; meters that it lacks stay missing', async () => {
    await define('all-batch', { as: { tier: 'batch' } })
    expect(await spend('globex', 'all-batch')).toBe('1.125')
    await define('no-such-tier', { as: { tier: 'ultrafast' } })
    expect(await spend('globex', 'no-such-tier')).toBe(null)
  })

  test('that fits its base no more prices nothing and takes no other book with it', async () => {
    await define('gone', { cells: [{ where: { model: 'no-such-model' }, to: { times: '2' } }] })
    expect(await spend('globex', 'gone')).toBe(null)
    expect(await spend('globex', 'half-output')).toBe('1.75')
  })

  test('what is staged can be asked for before it is applied, and is gone once the book moves', async () => {
    const history = await readBookHistory(ledger.client, database, ledger.book)
    const next = withContract(
      history.recorded,
      history.latest,
      contractOf('tenant:globex', 'rules: [{discount: "0.5", src: signed, grade: A}]'),
    )
    await stagePriceBook(ledger.client, database, { history, next, note })
    await loadPrices(ledger, database)
    expect(await spend('globex', 'staged')).toBe('1.75')
    expect(await spend('globex')).toBe('3.5')
    await record(({ recorded, latest }) => withContract(recorded, latest, DISCOUNT)).catch(() => undefined)
    await record(({ recorded, latest }) => withoutContract(recorded, latest, 'tenant:acme'))
    expect(await spend('globex', 'staged')).toBe(null)
    expect(await spend('globex')).toBe('3.5')
  })
})

describe('both paths', () => {
  const MODELS = ['gpt-5', 'gpt-6.1-sol', 'gpt-4o', 'no-such-model']
  const anyCall = fc.record({
    tenant: fc.constantFrom('acme', 'globex'),
    model: fc.constantFrom(...MODELS),
    serviceTier: fc.constantFrom('', 'batch', 'priority', 'flex'),
    at: fc.integer({ min: seconds('2026-08-01'), max: seconds('2026-11-15') }),
    meters: fc.record({ input: fc.nat(400_000), output: fc.nat(9_000), cache_read: fc.nat(9_000) }),
  })

  test('cost the same to the femto-dollar for random usages, tenants, times and books', async () => {
    const both = await ledger.createDatabase(['openai'])
    await changeBook(ledger, both, ({ recorded, latest }) => withContract(recorded, latest, DISCOUNT))
    const definition = parseWhatIf({ cells: [{ where: { model: 'gpt-4o', meter: 'input' }, to: { times: '0.5' } }] })
    const note = { author: 'test', reason: 'test', atMs: Date.now() }
    await defineWhatIfBook(ledger.client, both, { name: 'cheap', base: 'current', definition }, note)
    const calls = fc.sample(anyCall, 200)
    const specs = calls.map(
      ({ tenant, model, serviceTier, at, meters }, index): CallSpec => ({
        id: index + 1,
        at: new Date(at * 1_000).toISOString(),
        model,
        meters,
        selectors: { serviceTier },
        attribution: { tenant, task: `t${index}` },
      }),
    )
    const rows = entriesFor(ledger.book, specs)
    await postCalls(ledger, both, rows, 'random')
    const books = await readStoredBooks(ledger.client, both, ledger.book)
    const ever = { from_time: seconds('2026-01-01'), to_time: seconds('2027-01-01') }
    for (const name of ['current', 'r1', 'cheap']) {
      const found = await readView<{ task: string; cost_status: string; priced_subtotal_usd: string }>(
        ledger,
        both,
        'call_cost',
        { ...ever, book: name },
      )
      const scopes = scopedBooks(bookNamed(books, name))
      const expected = rows.map((row, index) => {
        const { tenant, meters } = calls[index] as (typeof calls)[number]
        const scope = scopes.find(({ tenants }) => tenants.includes(tenant)) ?? scopes[0]
        const { price_provider, price_model, price_region, price_tier, prompt_band, price_slot } = row
        const priced = priceUsage(scope?.book as BookData, {
          parts: {
            provider: price_provider,
            model: price_model,
            region: price_region,
            tier: price_tier,
            promptBand: prompt_band,
          },
          slot: price_slot,
          usage: meters,
        })
        const call = `${name} ${tenant} ${price_model} ${price_tier} ${prompt_band} ${price_slot} ${JSON.stringify(meters)}`
        return [row.task, `${priced.status} ${formatUsd(priced.pricedSubtotalFemto)}`, call]
      })
      const costs = new Map(
        found.map(({ task, cost_status, priced_subtotal_usd }) => [task, [cost_status, priced_subtotal_usd].join(' ')]),
      )
      for (const [task, cost, call] of expected) expect([call, costs.get(task ?? '')]).toEqual([call, cost])
    }
  })
})
