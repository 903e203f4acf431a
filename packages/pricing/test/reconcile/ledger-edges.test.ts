import { describe, expect, test } from 'vitest'
import { type Cause, type LedgerUsage, reconcile, type ReconcileInput, type Reconciliation } from '#src/index.ts'
import { formatQuecto } from '#src/reconcile/quecto-usd.ts'
import { costLine, DAY, exportOf, ledgerRow, MINI, NEXT_DAY, perMillion, SOL, usageLine } from './samples.ts'

const BEFORE = '2026-11-02'
const AFTER = '2026-11-05'

const run = (theirs: ReconcileInput['theirs'], usage: LedgerUsage[], options: ReconcileInput['options'] = {}) =>
  reconcile({ theirs, ours: { usage }, options })
const causesOf = (result: Reconciliation): [Cause, string, string][] =>
  result.findings.map(({ cause, units, amount }) => [cause, units === null ? '' : String(units), formatQuecto(amount)])

/** Exports of `DAY` and `NEXT_DAY` in which one of them has this many input tokens. */
const exported = (day: string, quantity: bigint, usdCents: bigint) =>
  exportOf([usageLine({ day, quantity })], [costLine({ day, usdCents })])

describe('a midnight of which one side was exported', () => {
  test('late calls of the day before may stand on the first day, and no more than those', () => {
    const ours = [
      ledgerRow(),
      ledgerRow({ day: BEFORE, quantity: 900_000n, evidence: { nextDay: 80_000n, previousDay: 900_000n } }),
    ]
    expect(causesOf(run(exported(DAY, 1_100_000n, 275n), ours))).toEqual([
      ['late_or_other_day', '80000', '0.2'],
      ['unexplained', '20000', '0.05'],
    ])
  })

  test('early calls of the first day may stand on the day before', () => {
    const ours = [ledgerRow({ evidence: { previousDay: 100_000n, nextDay: 0n } })]
    expect(causesOf(run(exported(DAY, 900_000n, 225n), ours))).toEqual([['late_or_other_day', '-100000', '-0.25']])
  })

  test('the last day and the day after it likewise', () => {
    const late = [ledgerRow({ day: NEXT_DAY, evidence: { nextDay: 100_000n } })]
    expect(causesOf(run(exported(NEXT_DAY, 900_000n, 225n), late))).toEqual([['late_or_other_day', '-100000', '-0.25']])
    const early = [ledgerRow({ day: NEXT_DAY }), ledgerRow({ day: AFTER, evidence: { previousDay: 100_000n } })]
    expect(causesOf(run(exported(NEXT_DAY, 1_100_000n, 275n), early))).toEqual([
      ['late_or_other_day', '100000', '0.25'],
    ])
  })

  test('inside an export such calls are no evidence of their own: the other day has to lack them', () => {
    const ours = [ledgerRow({ evidence: { nextDay: 100_000n } }), ledgerRow({ day: NEXT_DAY, quantity: 0n })]
    expect(causesOf(run(exported(DAY, 900_000n, 225n), ours))).toEqual([['unexplained', '-100000', '-0.25']])
  })

  test('an export without tiers takes the calls of all tiers', () => {
    const theirs = exportOf([usageLine({ tier: null, quantity: 1_100_000n })], [costLine({ usdCents: 275n })])
    const ours = [
      ledgerRow(),
      ledgerRow({ day: BEFORE, evidence: { nextDay: 60_000n } }),
      ledgerRow({ day: BEFORE, tier: 'priority', evidence: { nextDay: 40_000n } }),
    ]
    expect(causesOf(run(theirs, ours))).toEqual([['late_or_other_day', '100000', '0.25']])
  })

  test('rows of the days beside the export are expected and not noted', () => {
    const ours = [ledgerRow(), ledgerRow({ day: BEFORE }), ledgerRow({ day: AFTER }), ledgerRow({ day: '2026-11-06' })]
    expect(run(exported(DAY, 1_000_000n, 250n), ours).notes).toEqual([
      { file: 'coverage', what: 'ledger row of a day without an export left out', times: 1 },
    ])
  })
})

describe('a model whose calls are all unsettled', () => {
  test('is instrumented: what settlement will not add is unexplained', () => {
    const theirs = exportOf([usageLine({ model: MINI })], [costLine({ model: MINI })])
    const ours = [ledgerRow({ model: MINI, quantity: 0n, fusd: null, evidence: { unsettled: 900_000n } })]
    expect(causesOf(run(theirs, ours))).toEqual([
      ['unsettled', '900000', '2.25'],
      ['unexplained', '100000', '0.25'],
    ])
  })
})

describe('names', () => {
  test('each side has its own: a name of theirs may be the canonical name of another model', () => {
    const canonicalModel = (model: string, _day: string, side: string): string =>
      side === 'theirs' && model === SOL ? MINI : model
    const theirs = exportOf([usageLine()], [costLine()])
    expect(run(theirs, [ledgerRow({ model: MINI })], { canonicalModel }).findings).toEqual([])
  })
})

describe('known prices of lines that are billed as one', () => {
  const theirs = exportOf(
    [usageLine(), usageLine({ meter: 'output' })],
    [costLine({ meters: null, label: SOL, usdCents: 1100n })],
  )
  const ours = [ledgerRow(), ledgerRow({ meter: 'output', fusd: perMillion(10_000) })]
  const known = { cause: 'stale_price', model: SOL, tier: null, from: DAY, to: null, ninths: 0 } as const
  const price = (set: string, meter: 'input' | 'output', milliUsd: number) =>
    ({ ...known, set, meter, fusd: perMillion(milliUsd), row: `${meter} of ${set}` }) as const

  test('are tried set by set: what one revision said of all of them', () => {
    const knownPrices = [
      price('r1', 'input', 1000),
      price('r1', 'output', 8000),
      price('r2', 'input', 2000),
      price('r2', 'output', 9000),
    ]
    const [finding, ...others] = run(theirs, ours, { knownPrices }).findings
    expect(finding).toMatchObject({ cause: 'stale_price', amount: -15n * 10n ** 29n })
    expect(finding?.rows.slice(-2)).toEqual(['input of r2', 'output of r2'])
    expect(others).toEqual([])
  })

  test('are not mixed across sets', () => {
    const knownPrices = [price('r1', 'input', 2000), price('r2', 'output', 9000)]
    expect(run(theirs, ours, { knownPrices }).findings).toMatchObject([{ cause: 'unexplained' }])
  })
})
