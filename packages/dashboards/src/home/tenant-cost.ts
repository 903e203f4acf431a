import { count, day, money, pricedShare, share, text, verdict } from '#src/fields.ts'
import { barChartPanel } from '#src/panels/bars.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import { place, type Section } from './section.ts'

const TOP_TENANTS = 20
const TENANTS_MAX = 100

/** Row 3: what a tenant costs, and whether its contract carries that. */
export const tenantCost = (): Section => ({
  row: { id: 300, title: '3 · Per-tenant cost' },
  panels: [
    statPanel({
      id: 301,
      title: 'Tenants this month',
      at: place(0, 8),
      explanation: {
        answers: 'How many tenants have calls, and how much of the spend do the largest 20 make?',
        formula: 'cost-to-ARR = cost of 30 days × 365 ÷ 30 ÷ ARR, over tenants with ARR.',
        lever: 'renewal terms and pool sizes.',
      },
      from: { view: 'kpi_tenant_cost', args: { by: 'all' } },
      fields: [
        count('tenants', 'Tenants'),
        share('top20_share', 'Top-20 share'),
        share('cost_to_arr', 'Cost to ARR', { band: 'cost_to_arr', noValue: 'no ARR' }),
        pricedShare(),
      ],
    }),
    barChartPanel({
      id: 302,
      title: 'Tenants by month spend',
      at: place(8, 16),
      stacked: true,
      explanation: {
        answers: 'Who spends most, and how much of it is shared (account-level) cost?',
        formula: 'direct = calls with a user; shared = account-level calls.',
      },
      from: {
        view: 'kpi_tenant_cost',
        args: { by: 'tenant' },
        orderBy: ['month_usd DESC', 'tenant'],
        limit: TOP_TENANTS,
      },
      fields: [text('tenant', 'Tenant'), money('direct_usd', 'Direct'), money('shared_usd', 'Shared')],
    }),
    tablePanel({
      id: 303,
      title: 'Tenants against their contracts',
      at: place(0, 24, 1),
      explanation: {
        answers: 'Does each contract carry the cost of its tenant?',
        formula: 'gross margin = 1 − cost ÷ revenue pro rata to the part of the month that has passed.',
        lever: 'renewal: pool size, price, soft caps.',
      },
      from: {
        view: 'kpi_tenant_cost',
        args: { by: 'tenant' },
        orderBy: ['month_usd DESC', 'tenant'],
        limit: TENANTS_MAX,
      },
      fields: [
        text('tenant', 'Tenant'),
        text('tier', 'Tier'),
        count('seats', 'Seats'),
        money('month_usd', 'Month to date'),
        share('share', 'Share of all'),
        share('cost_to_arr', 'Cost to ARR', { band: 'cost_to_arr', noValue: 'no ARR' }),
        verdict('cost_to_arr_band'),
        share('gross_margin', 'Gross margin', { noValue: 'no revenue' }),
        money('arr_usd', 'ARR', { noValue: 'no ARR' }),
        day('renewal_date', 'Renewal'),
        pricedShare(),
      ],
    }),
  ],
})
