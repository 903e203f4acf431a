import type { Meter } from '@outlay/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CostLine, type LedgerUsage, reconcile, reconciliationJson, type UsageLine } from '#src/index.ts'
import { costLine, DAY, exportOf, ledgerRow, MINI, NEXT_DAY, SOL, usageLine } from './samples.ts'

const day = fc.constantFrom(DAY, NEXT_DAY)
const model = fc.constantFrom(SOL, MINI)
const tier = fc.constantFrom('standard', 'priority', 'batch')
const meter = fc.constantFrom<Meter>('input', 'output', 'cache_read', 'container_second')
const units = fc.bigInt({ min: 0n, max: 10n ** 12n })

const row: fc.Arbitrary<LedgerUsage> = fc
  .record({
    day: fc.constantFrom('2026-11-02', DAY, NEXT_DAY, '2026-11-05'),
    model,
    tier,
    meter,
    quantity: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 12n }),
    fusd: fc.option(fc.bigInt({ min: 0n, max: 10n ** 14n })),
    ninths: fc.integer({ min: 0, max: 8 }),
    evidence: fc.record({
      unsettled: units,
      tierAssumed: units,
      doubleCounted: units,
      retriesOrAborts: units,
      nextDay: units,
      previousDay: units,
    }),
  })
  .map(ledgerRow)
const usage: fc.Arbitrary<UsageLine> = fc
  .record({
    day,
    model,
    tier: fc.option(tier, { freq: 9 }),
    meter,
    quantity: units,
    project: fc.constantFrom(null, 'web', 'lab'),
  })
  .map(usageLine)
const cost: fc.Arbitrary<CostLine> = fc
  .record({
    day,
    label: fc.string({ maxLength: 3 }),
    model: fc.option(model, { freq: 5 }),
    tier,
    meters: fc.option(fc.uniqueArray(meter, { minLength: 1 }), { freq: 5 }),
    kind: fc.constantFrom<CostLine['kind']>('usage', 'usage', 'usage', 'account', 'credit', 'tax', 'free_allowance'),
    amount: fc.bigInt({ min: -(10n ** 31n), max: 10n ** 35n }),
    quantity: fc.option(units),
  })
  .map((line) => costLine(line))
const knownPrices = fc.array(
  fc.record({
    cause: fc.constantFrom('stale_price' as const, 'contract' as const),
    model,
    tier: fc.option(tier),
    meter,
    from: day,
    to: fc.constant(null),
    fusd: fc.bigInt({ min: 0n, max: 10n ** 14n }),
    ninths: fc.constant(0),
    row: fc.constant('known'),
    set: fc.constantFrom('r1', 'r2'),
  }),
  { maxLength: 3 },
)
const charges = fc.array(
  fc.record(
    {
      period: fc.constantFrom(DAY, '2026-11'),
      kind: fc.constantFrom('account' as const, 'credit' as const, 'tax' as const, 'free_allowance' as const),
      label: fc.string({ maxLength: 2 }),
      amount: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
      model,
    },
    { requiredKeys: ['period', 'kind', 'label', 'amount'] },
  ),
  { maxLength: 3 },
)

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
/** Decimal text → integer of 10⁻³⁰. */
const quecto = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  return BigInt(`${text.startsWith('-') ? '-' : ''}${whole}${fraction.padEnd(30, '0')}`)
}

test('whatever the figures, the named parts and the unexplained are the whole difference, to the last digit', () => {
  fc.assert(
    fc.property(
      fc.array(usage, { maxLength: 12 }),
      fc.array(cost, { maxLength: 10 }),
      fc.array(row, { maxLength: 12 }),
      knownPrices,
      charges,
      (theirUsage, theirCosts, ourRows, prices, ourCharges) => {
        const result = reconcile({
          theirs: exportOf(theirUsage, theirCosts),
          ours: { usage: ourRows, charges: ourCharges },
          options: { knownPrices: prices, instrumentedProjects: ['web'] },
        })
        const { totals } = result
        expect(totals.quantity + totals.price + totals.unexplained).toBe(totals.difference)
        expect(sum(Object.values(totals.byCause))).toBe(totals.difference)
        // Without costs, theirs is their quantities at our prices.
        const billed = theirCosts.length > 0 ? sum(theirCosts.map(({ amount }) => amount)) : totals.theirs
        expect(totals.theirs).toBe(billed)
        for (const { quantities, findings, quantityPart, pricePart, theirs, ours } of result.money) {
          expect(quantityPart + pricePart).toBe(theirs - ours)
          expect(sum(findings.map(({ amount }) => amount))).toBe(theirs - ours)
          const unitsOf = findings.map(({ units: found }) => found ?? 0n)
          expect(sum(unitsOf)).toBe(sum(quantities.map((line) => (line.theirs ?? line.ours) - line.ours)))
        }
        const json = reconciliationJson(result)
        expect(sum(json.findings.map(({ usd }) => quecto(usd)))).toBe(quecto(json.totals.difference))
      },
    ),
    { numRuns: 400 },
  )
})

test('a ledger equal to the provider has no findings, however it is cut into rows', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(usage, { maxLength: 8, selector: (line) => `${line.day}${line.model}${line.meter}` }),
      fc.bigInt({ min: 1n, max: 10n ** 10n }),
      (lines, fusd) => {
        const theirs = exportOf(lines, [])
        const ours = lines.flatMap(({ quantity, tier: served, ...line }) => {
          const half = quantity / 2n
          const base = { day: line.day, model: line.model, meter: line.meter, tier: served ?? 'standard', fusd }
          return [ledgerRow({ ...base, quantity: half }), ledgerRow({ ...base, quantity: quantity - half })]
        })
        expect(reconcile({ theirs, ours: { usage: ours } }).findings).toEqual([])
      },
    ),
  )
})
