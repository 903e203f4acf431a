import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { count, money, pricedShare, share, text, verdict } from '#src/fields.ts'
import type { Place } from '#src/panels/panel.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import { place, type Section } from './section.ts'

const SCOPES_MAX = 50

interface Breakdown {
  readonly id: number
  readonly by: 'tier' | 'feature'
  readonly label: string
  readonly at: Place
}

const breakdown = ({ id, by, label, at }: Breakdown): PanelBuilder =>
  tablePanel({
    id,
    title: `Cost to revenue by ${by}`,
    at,
    explanation: {
      answers: `Which ${by} costs more than its revenue carries?`,
      formula: `cost ÷ revenue of the ${by}, revenue pro rata to the part of the month that has passed.`,
      lever: 'pricing and routing.',
    },
    from: { view: 'kpi_cost_to_revenue', args: { by }, orderBy: ['cost_usd DESC', 'key'], limit: SCOPES_MAX },
    fields: [
      text('key', label),
      money('cost_usd', 'Cost'),
      money('revenue_month_usd', 'Revenue, full month', { noValue: 'no revenue' }),
      share('ratio', 'Ratio', { band: 'cost_to_revenue', noValue: 'no revenue' }),
      verdict('band'),
      share('gross_margin', 'Margin', { noValue: 'no revenue' }),
      pricedShare(),
    ],
  })

/** Row 8: what part of the revenue the model cost eats. */
export const costToRevenue = (): Section => ({
  row: { id: 800, title: '8 · Cost to revenue' },
  panels: [
    statPanel({
      id: 801,
      title: 'Cost to revenue this month',
      at: place(0, 8),
      explanation: {
        answers: 'What part of the revenue does the model cost eat?',
        formula: 'cost of tenants with revenue ÷ their revenue, pro rata to the part of the month that has passed.',
        lever: 'pricing, routing, and revenue facts for the scopes that have none.',
      },
      from: { view: 'kpi_cost_to_revenue', args: { by: 'all' } },
      fields: [
        share('ratio', 'Cost ÷ revenue', { band: 'cost_to_revenue', noValue: 'no revenue' }),
        share('gross_margin', 'Gross margin', { noValue: 'no revenue' }),
        count('unfunded_scopes', 'Scopes without revenue'),
        pricedShare(),
      ],
    }),
    breakdown({ id: 803, by: 'tier', label: 'Tier', at: place(8, 16) }),
    breakdown({ id: 804, by: 'feature', label: 'Feature', at: place(0, 24, 1) }),
  ],
})
