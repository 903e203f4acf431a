import { expect, test } from 'vitest'
import { reconcile, reconciliationJson, renderReconciliation } from '#src/index.ts'
import { costLine, exportOf, fixtureExport, ledgerOf, ledgerRow, NEXT_DAY, usageLine } from './samples.ts'

const theirs = exportOf(
  [usageLine(), usageLine({ day: NEXT_DAY, quantity: 1_000_100n })],
  [costLine(), costLine({ day: NEXT_DAY, usdCents: 317n })],
)
const result = reconcile({ theirs, ours: { usage: [ledgerRow(), ledgerRow({ day: NEXT_DAY })] } })

test('the text gives the verdict, the causes, what is left by size, and the next check', () => {
  const text = renderReconciliation(result)
  expect(text).toContain('Reconciliation with openai, 2026-11-03 to 2026-11-04 (UTC)')
  expect(text).toMatch(/difference\s+\+\$0\.6700/)
  expect(text).toMatch(/2026-11\s+\$5\.67\s+\$0\.6700\s+11\.81%\s+MISSED/)
  expect(text).toMatch(/Unexplained, largest first[\s\S]*price\s+unexplained[\s\S]*quantity\s+unexplained\s+100/)
  expect(text).toContain('-> compare the line with the provider')
})

test('a month without differences says so', () => {
  const equal = reconcile({ theirs: exportOf([usageLine()], [costLine()]), ours: { usage: [ledgerRow()] } })
  const text = renderReconciliation(equal)
  expect(text).toContain('Both sides agree to the last unit.')
  expect(text).toContain('met')
  expect(text).not.toContain('Unexplained, largest first')
})

test('explained findings are cut off with their number, unexplained ones never', () => {
  const month = fixtureExport('openai', 'openai-usage.json')
  const ours = ledgerOf(month).map((row) => ({ ...row, quantity: row.quantity - 7n, evidence: { unsettled: 5n } }))
  const text = renderReconciliation(reconcile({ theirs: month, ours: { usage: ours } }), 3)
  expect(text).toContain(`… and ${ours.length - 3} more`)
  expect(text.match(/quantity {2}unexplained/g)).toHaveLength(ours.length)
})

test('the JSON has money as exact decimal text and quantities as text', () => {
  const json = reconciliationJson(result)
  expect(json.totals).toMatchObject({ theirs: '5.67', ours: '5', difference: '0.67', unexplained: '0.67' })
  expect(json.money[0]).toMatchObject({ their_price: { usd: '2.5', per: 1_000_000 } })
  expect(json.money[0]?.quantities[0]).toMatchObject({ ours: '1000000', our_price: { usd: '2.5', per: 1_000_000 } })
  expect(JSON.parse(JSON.stringify(json))).toEqual(json)
})
