import { loadPackagedBook } from '@outlay/pricing'
import { expect, test } from 'vitest'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'

const CONTROL = { intendedModel: 'gpt-5', overagePattern: 'soft_cap', overageAction: 'degraded' } as const

test('a degraded call was meant for another model in all that the model does itself, not in what its advisor does', () => {
  const call = (part: string, model: string): CallSpec => ({
    id: 1,
    at: '2026-10-05T10:00:00Z',
    model,
    part,
    meters: { input: 1_000 },
    control: CONTROL,
  })
  const parts = [call('main', 'gpt-5-nano'), call('compaction', 'gpt-5-nano'), call('advisor:1', 'gpt-5-mini')]
  const entries = entriesFor(loadPackagedBook(), parts)
  const meant = entries.map(
    (row) => [row.part, { model: row.intended_model, isOwnSku: row.intended_sku === row.sku }] as const,
  )
  expect(Object.fromEntries(meant)).toEqual({
    main: { model: 'gpt-5', isOwnSku: false },
    compaction: { model: 'gpt-5', isOwnSku: false },
    'advisor:1': { model: '', isOwnSku: true },
  })
})
