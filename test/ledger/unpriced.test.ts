import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explainTask } from '../../packages/cli/src/explain/explain-task.ts'
import { entriesFor } from '../harness/ledger-rows.ts'
import { postCalls, readView, seconds, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string

const WINDOW = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
const AS_OF = { as_of: seconds('2026-11-01') }
const at = '2026-10-05T10:00:00Z'

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase()
  const rows = entriesFor(ledger.book, [
    { id: 1, at, model: 'gpt-5', meters: { input: 1_000, output: 100 }, attribution: { task: 'priced' } },
    {
      id: 2,
      at,
      model: 'made-up-9',
      meters: { input: 5_000, output: 50 },
      attribution: { task: 'unknown', feature: 'lab' },
    },
    // The same sku as the first call: only one of the two uses a meter without a price.
    {
      id: 3,
      at,
      model: 'gpt-5',
      meters: { input: 100, output: 10, output_audio: 7 },
      attribution: { task: 'partial' },
    },
    { id: 4, at, model: 'gpt-5', meters: {}, usageStatus: 'absent', attribution: { task: 'absent' } },
    { id: 5, at, model: 'gpt-5', meters: {}, usageStatus: 'conflict', attribution: { task: 'conflict' } },
    {
      id: 6,
      at,
      model: 'gpt-5',
      meters: {},
      control: { overagePattern: 'hard_cap', overageAction: 'denied' },
      attribution: { task: 'denied' },
    },
    // The call has its price; what it asked beside it has none.
    { id: 7, at, model: 'gpt-5', meters: { input: 1_000, output: 100 }, attribution: { task: 'advised' } },
    {
      id: 7,
      part: 'advisor:1',
      at,
      model: 'made-up-advisor',
      meters: { input: 70, output: 3 },
      attribution: { task: 'advised' },
    },
  ])
  await postCalls(ledger, database, rows, 'calls')
})
afterAll(() => ledger.close())

describe('unpriced usage', () => {
  test('each call says why it has no cost, and NULL stands where a number would lie', async () => {
    const calls = await readView<{
      task: string
      part: string
      cost_status: string
      cost_usd: string | null
      priced_subtotal_usd: string
      missing: string[]
    }>(ledger, database, 'call_cost', WINDOW)
    const byTask = Object.fromEntries(
      calls.map(({ task, part, cost_status, cost_usd, missing }) => [
        part === 'main' ? task : `${task} ${part}`,
        { cost_status, cost_usd, missing },
      ]),
    )
    expect(byTask).toEqual({
      priced: { cost_status: 'priced', cost_usd: '0.00225', missing: [] },
      unknown: { cost_status: 'unpriced_model', cost_usd: null, missing: ['input', 'output'] },
      partial: { cost_status: 'partial', cost_usd: null, missing: ['output_audio'] },
      absent: { cost_status: 'no_usage', cost_usd: null, missing: [] },
      conflict: { cost_status: 'invalid_usage', cost_usd: null, missing: [] },
      denied: { cost_status: 'priced', cost_usd: '0', missing: [] },
      advised: { cost_status: 'priced', cost_usd: '0.00225', missing: [] },
      'advised advisor:1': { cost_status: 'unpriced_model', cost_usd: null, missing: ['input', 'output'] },
    })
  })

  test('every total counts the calls and parts of calls it could not price: 5 of 8', async () => {
    const totals = await Promise.all([
      readView(ledger, database, 'kpi_task_cost', WINDOW),
      readView(ledger, database, 'kpi_user_cost', AS_OF),
      readView(ledger, database, 'kpi_tenant_cost', AS_OF),
      readView(ledger, database, 'kpi_overage_rate', AS_OF),
      readView(ledger, database, 'kpi_feature_totals', WINDOW),
      readView(ledger, database, 'kpi_cost_to_revenue', AS_OF),
      readView(ledger, database, 'kpi_headline', WINDOW),
    ])
    for (const [row] of totals as { unpriced_calls: string; priced_share: number }[][]) {
      expect(row).toMatchObject({ unpriced_calls: '5' })
      expect(row?.priced_share).toBeCloseTo(3 / 8, 12)
    }
    // Denied calls are not traffic that a budget model could have served.
    const [degradation] = await readView<{ unpriced_calls: string }>(ledger, database, 'kpi_degradation_rate', AS_OF)
    expect(degradation).toMatchObject({ unpriced_calls: '5' })
  })

  test('a group of which nothing is priced costs NULL, not zero', async () => {
    const rows = await readView<{ key: string; cost_usd: string | null }>(ledger, database, 'kpi_task_cost', {
      ...WINDOW,
      by: 'feature',
    })
    expect(rows.find(({ key }) => key === 'lab')).toMatchObject({ cost_usd: null })
    // 0.00225 for the priced call and the advised one each, and what is priced of the partial one: 100×1.25 + 10×10 millionths.
    expect(rows.find(({ key }) => key === 'support-chat')).toMatchObject({ cost_usd: '0.004725' })
  })

  test('the list of what has no price names provider, model, meter and units', async () => {
    const rows = await readView<{
      provider: string
      model: string
      meter: string
      tokens: string
      unpriced_calls: string
    }>(ledger, database, 'kpi_coverage', WINDOW)
    const listed = rows.map(({ provider, model, meter, tokens, unpriced_calls }) => [
      provider,
      model,
      meter,
      tokens,
      unpriced_calls,
    ])
    expect(listed.toSorted((a, b) => a.join().localeCompare(b.join()))).toEqual([
      ['openai', 'gpt-5', '(invalid usage)', '0', '1'],
      ['openai', 'gpt-5', '(usage not reported)', '0', '1'],
      ['openai', 'gpt-5', 'output_audio', '7', '1'],
      ['openai', 'made-up-9', 'input', '5000', '1'],
      ['openai', 'made-up-9', 'output', '50', '1'],
      ['openai', 'made-up-advisor', 'input', '70', '1'],
      ['openai', 'made-up-advisor', 'output', '3', '1'],
    ])
  })

  test('per-task figures leave tasks without a complete cost out instead of averaging in zeros', async () => {
    const [row] = await readView<{ cost_per_task_max: string; cost_per_task_avg: string }>(
      ledger,
      database,
      'kpi_task_cost',
      WINDOW,
    )
    // Complete tasks: the priced one and the denied one (a true zero).
    expect(row).toMatchObject({ cost_per_task_max: '0.00225', cost_per_task_avg: '0.001125' })
  })

  test('a task whose advisor has no price is not complete, though every call of it is priced', async () => {
    const [rows, histogram, outliers] = await Promise.all([
      readView<{ key: string }>(ledger, database, 'kpi_task_cost', { ...WINDOW, by: 'task' }),
      readView<{ bucket: string; tasks: string }>(ledger, database, 'kpi_task_histogram', {
        ...WINDOW,
        step: WINDOW.to_time,
      }),
      readView<{ task_id: string }>(ledger, database, 'kpi_task_outliers', { ...WINDOW, min_ratio: 0 }),
    ])
    expect(rows.find(({ key }) => key === 'advised')).toMatchObject({
      calls: '1',
      unpriced_calls: '1',
      priced_share: 0.5,
      cost_usd: '0.00225',
      cost_per_call: '0.00225',
      cost_per_task_avg: null,
    })
    expect(histogram).toContainEqual(expect.objectContaining({ bucket: 'no price', tasks: '5' }))
    expect(outliers.map(({ task_id }) => task_id)).not.toContain('advised')
    expect(await explainTask(ledger.client, 'advised', { database })).toMatchObject({
      calls_count: 1,
      unpriced_calls: 1,
      total_usd: '0.00225',
      agree: true,
    })
  })
})
