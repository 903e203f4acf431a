import { describe, expect, test } from 'vitest'
import {
  type Cause,
  type LedgerUsage,
  parseProviderExport,
  reconcile,
  type ReconcileInput,
  type Reconciliation,
} from '#src/index.ts'
import { formatQuecto } from '#src/reconcile/quecto-usd.ts'
import {
  costLine,
  DAY,
  exportOf,
  fixtureExport,
  ledgerOf,
  ledgerRow,
  MINI,
  NEXT_DAY,
  perMillion,
  SOL,
  usageLine,
} from './samples.ts'

const causesOf = (result: Reconciliation): [Cause, string, string][] =>
  result.findings.map(({ cause, units, amount }) => [cause, units === null ? '' : String(units), formatQuecto(amount)])

const run = (theirs: ReconcileInput['theirs'], usage: LedgerUsage[], options: ReconcileInput['options'] = {}) =>
  reconcile({ theirs, ours: { usage }, options })

describe('whole exports', () => {
  test('an OpenAI month that was counted right agrees to the last digit, charges of the account aside', () => {
    const theirs = fixtureExport('openai', 'openai-usage.json', 'openai-costs.json')
    const charges = [
      { period: '2026-11', kind: 'account', label: 'vector store storage', amount: 1_375_000_000_000_000n },
    ] as const
    const search = ledgerRow({ model: SOL, meter: 'web_search', quantity: 42n, fusd: perMillion(10_000_000) })
    const result = reconcile({ theirs, ours: { usage: [...ledgerOf(theirs), search], charges } })
    expect(result.findings).toEqual([])
    expect(result.totals.difference).toBe(0n)
    expect(result.withinGoal).toBe(true)
    expect(result.account.map(({ label }) => label)).toEqual(['vector store storage'])
  })

  test('an Anthropic month that was counted right leaves only the container that no span showed', () => {
    const theirs = fixtureExport('anthropic', 'anthropic-usage.json', 'anthropic-cost.json')
    const result = run(theirs, ledgerOf(theirs))
    expect(causesOf(result)).toEqual([['unexplained', '', '0.75']])
    expect(result.findings[0]?.rows).toEqual(['Code Execution Usage'])
    expect(result.withinGoal).toBe(false)
  })

  test('console costs are rounded to cents, and each line may be off by one', () => {
    const theirs = fixtureExport('anthropic', 'anthropic-console-usage.csv', 'anthropic-console-cost.csv')
    const canonicalModel = (model: string): string => model.replace(/-\d{8}$/, '')
    const container = ledgerRow({
      model: 'claude-opus-5-5',
      meter: 'container_second',
      quantity: 54_000n,
      fusd: 13_888_888_888n,
      ninths: 8,
    })
    const result = run(theirs, [...ledgerOf(theirs), container], { canonicalModel })
    expect(new Set(result.findings.map(({ cause }) => cause))).toEqual(new Set(['rounding']))
    expect(result.withinGoal).toBe(true)
  })

  test('usage alone compares quantities, and money at our own prices', () => {
    const theirs = fixtureExport('openai', 'openai-usage.json')
    const ours = ledgerOf(theirs).map((row, index) => (index === 0 ? { ...row, quantity: row.quantity - 10n } : row))
    const result = run(theirs, ours)
    expect(causesOf(result)).toEqual([['unexplained', '10', '0.000025']])
    expect(result.money.every(({ charged }) => !charged)).toBe(true)
  })

  test('costs alone compare money, and quantities where the line says how many', () => {
    const text = `{"data":[{"start_time":1793664000,"end_time":1793750400,"results":[{"object":"organization.costs.result","amount":{"value":2.5,"currency":"usd"},"line_item":"${SOL}, input","quantity":1000000,"quantity_unit":"tokens"}]}]}`
    const theirs = parseProviderExport('openai', [{ name: 'costs.json', text }])
    expect(causesOf(run(theirs, [ledgerRow({ quantity: 900_000n })]))).toEqual([['unexplained', '100000', '0.25']])
  })

  test('rows of days that no export covers are left out and counted', () => {
    const result = run(exportOf([usageLine()], [costLine()]), [ledgerRow(), ledgerRow({ day: '2026-12-01' })])
    expect(result.findings).toEqual([])
    expect(result.notes).toEqual([
      { file: 'coverage', what: 'ledger row of a day without an export left out', times: 1 },
    ])
  })

  test('reasoning is inside their output', () => {
    const theirs = exportOf([usageLine({ meter: 'output' })], [costLine({ meters: ['output'] })])
    const ours = [
      ledgerRow({ meter: 'output', quantity: 400_000n }),
      ledgerRow({ meter: 'output_reasoning', quantity: 600_000n }),
    ]
    expect(run(theirs, ours).findings).toEqual([])
  })
})

describe('quantity causes', () => {
  const more = (ours: Partial<LedgerUsage>, options: ReconcileInput['options'] = {}) =>
    run(exportOf([usageLine()], [costLine()]), [ledgerRow({ quantity: 900_000n, ...ours })], options)

  test('not_instrumented: a model that the ledger has no call of on that day', () => {
    const result = run(exportOf([usageLine({ model: MINI })], [costLine({ model: MINI })]), [])
    expect(causesOf(result)).toEqual([['not_instrumented', '1000000', '2.5']])
  })

  test('what only the provider knows is priced as charged, to the last of its 30 decimals', () => {
    const amount = 1_234_567_890_123_456_789_012_345_678_901n
    const result = run(exportOf([usageLine({ model: MINI, quantity: 7n })], [costLine({ model: MINI, amount })]), [])
    expect(causesOf(result)).toEqual([['not_instrumented', '7', '1.234567890123456789012345678901']])
  })

  test('not_instrumented: use of a project that sends no spans, and no more than that', () => {
    const theirs = exportOf(
      [usageLine({ quantity: 950_000n, project: 'web' }), usageLine({ quantity: 50_000n, project: 'lab' })],
      [costLine()],
    )
    const result = run(theirs, [ledgerRow({ quantity: 900_000n })], { instrumentedProjects: ['web'] })
    expect(causesOf(result)).toEqual([
      ['not_instrumented', '50000', '0.125'],
      ['unexplained', '50000', '0.125'],
    ])
  })

  test('late_or_other_day: neighbouring days cancel', () => {
    const theirs = exportOf(
      [usageLine({ quantity: 900_000n }), usageLine({ day: NEXT_DAY, quantity: 1_100_000n })],
      [costLine({ usdCents: 225n }), costLine({ day: NEXT_DAY, usdCents: 275n })],
    )
    const result = run(theirs, [ledgerRow(), ledgerRow({ day: NEXT_DAY })])
    expect(causesOf(result)).toEqual([
      ['late_or_other_day', '-100000', '-0.25'],
      ['late_or_other_day', '100000', '0.25'],
    ])
    expect(result.totals.byCause.late_or_other_day).toBe(0n)
  })

  test('double_counted: up to what stands beside another charge for the same response', () => {
    const result = run(exportOf([usageLine()], [costLine()]), [
      ledgerRow({ quantity: 1_300_000n, evidence: { doubleCounted: 200_000n } }),
    ])
    expect(causesOf(result)).toEqual([
      ['double_counted', '-200000', '-0.5'],
      ['unexplained', '-100000', '-0.25'],
    ])
  })

  test('unsettled: up to what was received and is not in the ledger yet', () => {
    expect(causesOf(more({ evidence: { unsettled: 100_000n } }))).toEqual([['unsettled', '100000', '0.25']])
  })

  test('retries_or_aborts: up to what incomplete calls may have used', () => {
    expect(causesOf(more({ evidence: { retriesOrAborts: 60_000n } }))).toEqual([
      ['retries_or_aborts', '60000', '0.15'],
      ['unexplained', '40000', '0.1'],
    ])
  })

  test('tier_unknown: what we assumed to be standard stands under another tier', () => {
    const theirs = exportOf(
      [usageLine({ quantity: 900_000n }), usageLine({ tier: 'priority', quantity: 100_000n })],
      [costLine({ usdCents: 225n }), costLine({ tier: 'priority', usdCents: 50n })],
    )
    const ours = [
      ledgerRow({ evidence: { tierAssumed: 300_000n } }),
      ledgerRow({ tier: 'priority', quantity: 0n, fusd: perMillion(5000) }),
    ]
    expect(causesOf(run(theirs, ours))).toEqual([
      ['tier_unknown', '100000', '0.5'],
      ['tier_unknown', '-100000', '-0.25'],
    ])
  })
})

describe('price causes', () => {
  const charged = (usdCents: bigint, options: ReconcileInput['options'] = {}, row: Partial<LedgerUsage> = {}) =>
    run(
      exportOf([usageLine({ quantity: 1_234_567n })], [costLine({ usdCents })]),
      [ledgerRow({ quantity: 1_234_567n, ...row })],
      options,
    )
  const known = { model: SOL, tier: null, meter: 'input', from: '2026-11-01', to: null, ninths: 0 } as const

  test('rounding: at most a cent per line', () => {
    expect(causesOf(charged(309n))).toEqual([['rounding', '', '0.0035825']])
    expect(causesOf(charged(311n))[0]?.[0]).not.toBe('rounding')
  })

  test('contract: a known price that gives what was charged, the rest is rounding', () => {
    const contract = { ...known, cause: 'contract', fusd: perMillion(2200), row: 'org:acme 2.2' } as const
    const result = charged(272n, { knownPrices: [contract] })
    expect(causesOf(result)).toEqual([
      ['contract', '', '-0.3703701'],
      ['rounding', '', '0.0039526'],
    ])
    expect(result.findings[0]?.rows).toContain('org:acme 2.2')
  })

  test('stale_price: another row of the book gives what was charged; both rows are named', () => {
    const stale = { ...known, cause: 'stale_price', fusd: perMillion(2000), row: 'list 2.0 from 2026-11-01' } as const
    const result = charged(247n, { knownPrices: [stale] })
    expect(result.findings[0]).toMatchObject({
      cause: 'stale_price',
      rows: ['list openai/gpt-5.6-sol standard input 2.5', 'list 2.0 from 2026-11-01'],
    })
    expect(result.unexplained).toEqual([])
  })

  test('a known price of another time does not explain anything', () => {
    const past = { ...known, to: DAY, cause: 'contract', fusd: perMillion(2200), row: 'old' } as const
    expect(causesOf(charged(272n, { knownPrices: [past] })).map(([cause]) => cause)).not.toContain('contract')
  })

  test('stale_price: a list price that no row has stands out from a large enough quantity', () => {
    const theirs = exportOf(
      [usageLine({ quantity: 312_345_678n })],
      [costLine({ amount: 312_345_678n * 2n * 10n ** 24n })],
    )
    const [finding] = run(theirs, [ledgerRow({ quantity: 312_345_678n })]).findings
    expect(finding).toMatchObject({
      cause: 'stale_price',
      rows: ['list openai/gpt-5.6-sol standard input 2.5', 'provider charged 2 per 1000000'],
    })
  })

  test('stale_price: the book has no price at all', () => {
    const result = charged(309n, {}, { fusd: null })
    expect(result.findings).toMatchObject([{ cause: 'stale_price', rows: [`no price for ${SOL} standard input`] }])
    expect(result.unexplained).toEqual([])
  })

  test('free_allowance: the provider lists the use and charges 0', () => {
    expect(causesOf(charged(0n))).toEqual([['free_allowance', '', '-3.0864175']])
  })

  test('no line at all for use that has a price is not taken for free', () => {
    const theirs = exportOf([usageLine()], [costLine({ model: MINI, usdCents: 0n })])
    expect(run(theirs, [ledgerRow()]).findings).toMatchObject([{ cause: 'unexplained' }])
  })

  test('a booked allowance explains what it is worth and no more', () => {
    const theirs = exportOf([usageLine({ quantity: 1_234_567n })], [costLine({ usdCents: 111n })])
    const charges = [
      { period: '2026-11', kind: 'free_allowance', label: 'daily tokens', amount: -1_000_000_000_000_000n, model: SOL },
    ] as const
    const result = reconcile({ theirs, ours: { usage: [ledgerRow({ quantity: 1_234_567n })], charges } })
    expect(causesOf(result)).toEqual([
      ['free_allowance', '', '-1'],
      ['unexplained', '', '-0.9764175'],
    ])
  })

  test('a booked allowance is used up once, not once per line', () => {
    const theirs = exportOf(
      [usageLine({ quantity: 1_234_567n }), usageLine({ day: NEXT_DAY, quantity: 1_234_567n })],
      [costLine({ usdCents: 211n }), costLine({ day: NEXT_DAY, usdCents: 211n })],
    )
    const usage = [ledgerRow({ quantity: 1_234_567n }), ledgerRow({ day: NEXT_DAY, quantity: 1_234_567n })]
    const charge = { period: '2026-11', kind: 'free_allowance', label: 'tokens', model: SOL } as const
    const charges = [{ ...charge, amount: -1_000_000_000_000_000n }]
    expect(reconcile({ theirs, ours: { usage, charges } }).totals.byCause.free_allowance).toBe(-(10n ** 30n))
  })

  test('credit and tax lines are named, never spread over calls', () => {
    const account = { model: null, meters: null } as const
    const theirs = exportOf(
      [usageLine()],
      [
        costLine(),
        costLine({ ...account, label: 'Credit grant', kind: 'credit', usdCents: -100n }),
        costLine({ ...account, label: 'VAT', kind: 'tax', usdCents: 29n }),
      ],
    )
    const result = run(theirs, [ledgerRow()])
    expect(causesOf(result)).toEqual([
      ['credit', '', '-1'],
      ['tax', '', '0.29'],
    ])
    expect(result.money.every(({ pricePart }) => pricePart === 0n)).toBe(true)
    expect(result.withinGoal).toBe(true)
  })

  test('anything else is unexplained, listed by size, and misses the goal', () => {
    const theirs = exportOf(
      [usageLine({ quantity: 1_234_567n }), usageLine({ meter: 'output', quantity: 1_234_567n })],
      [costLine({ usdCents: 341n }), costLine({ meters: ['output'], usdCents: 377n, label: 'out' })],
    )
    const ours = [ledgerRow({ quantity: 1_234_567n }), ledgerRow({ meter: 'output', quantity: 1_234_567n })]
    const result = run(theirs, ours)
    expect(result.unexplained.map(({ meter }) => meter)).toEqual(['output', 'input'])
    expect(result.withinGoal).toBe(false)
  })
})

describe('grain', () => {
  test('an export without tiers is compared by day, model and meter', () => {
    const theirs = exportOf([usageLine({ tier: null, quantity: 1_100_000n })], [costLine({ usdCents: 300n })])
    const ours = [ledgerRow(), ledgerRow({ tier: 'priority', quantity: 100_000n, fusd: perMillion(5000) })]
    const result = run(theirs, ours)
    expect(result.findings).toEqual([])
    expect(result.money[0]?.quantities).toMatchObject([{ tier: '*', ours: 1_100_000n }])
  })

  test('a line that names only the model is compared with all of its meters', () => {
    const theirs = exportOf(
      [usageLine(), usageLine({ meter: 'output', quantity: 1000n })],
      [costLine({ meters: null, usdCents: 252n })],
    )
    const ours = [ledgerRow(), ledgerRow({ meter: 'output', quantity: 1000n, fusd: perMillion(20_000) })]
    const result = run(theirs, ours)
    expect(result.findings).toEqual([])
    expect(result.money).toHaveLength(1)
  })

  test('a tier that the costs do not name is compared with their standard lines', () => {
    const theirs = exportOf(
      [usageLine(), usageLine({ tier: 'batch', quantity: 1_000_000n })],
      [costLine({ usdCents: 375n })],
    )
    const ours = [ledgerRow(), ledgerRow({ tier: 'batch', fusd: perMillion(1250) })]
    expect(run(theirs, ours).findings).toEqual([])
  })

  test('a billed model whose usage endpoint was not exported is compared by money', () => {
    const theirs = exportOf([usageLine()], [costLine(), costLine({ model: 'text-embedding-4', usdCents: 13n })])
    const ours = [ledgerRow(), ledgerRow({ model: 'text-embedding-4', fusd: perMillion(130) })]
    expect(run(theirs, ours).findings).toEqual([])
  })
})
