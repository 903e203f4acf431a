import { fineMoney, pricedShare, share } from '#src/fields.ts'
import { fieldGaugePanel } from '#src/panels/bar-gauge.ts'
import { statPanel } from '#src/panels/stat.ts'
import { place, type Section } from './section.ts'

/** Row 2: what a user costs, and how concentrated the spend is. */
export const userCost = (): Section => ({
  row: { id: 200, title: '2 · Per-user cost' },
  panels: [
    statPanel({
      id: 201,
      title: 'Cost per user this month',
      at: place(0, 8),
      explanation: {
        answers: 'What does the median user cost, and does the seat price carry it?',
        formula:
          'seat cost ratio = median of (cost of 30 days ÷ seat price); top-decile share = cost of the top 10 % ÷ total.',
        lever: 'soft caps and outreach to power users.',
      },
      from: { view: 'kpi_user_cost', args: {} },
      fields: [
        fineMoney('median_user_usd', 'Median user'),
        share('top10_share', 'Top-decile share'),
        share('seat_ratio', 'Seat cost ratio', { band: 'seat_ratio', noValue: 'no seat price' }),
        pricedShare(),
      ],
    }),
    fieldGaugePanel({
      id: 206,
      title: 'Concentration of spend over users',
      at: place(8, 16),
      explanation: {
        answers: 'How much of the spend comes from the dearest users?',
        formula: 'cost of the top 1, 5, 10 % of active users ÷ cost of all, month to date.',
        lever: 'a governance look when the top 5 % spend more than 70 %.',
      },
      from: { view: 'kpi_user_cost', args: {} },
      fields: [
        share('top1_share', 'Top 1 %'),
        share('top5_share', 'Top 5 %', { band: 'top5_share' }),
        share('top10_share', 'Top 10 %'),
      ],
    }),
  ],
})
