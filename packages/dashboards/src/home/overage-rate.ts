import { count, money, pricedShare, share, text, verdict } from '#src/fields.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import { place, type Section } from './section.ts'

/** Row 5: how many subjects hit the overage pattern of their tier, and the spend through it. */
export const overageRate = (): Section => ({
  row: { id: 500, title: '5 · Overage rate by tier' },
  panels: [
    statPanel({
      id: 501,
      title: 'Overage this month',
      at: place(0, 8),
      explanation: {
        answers: 'How many free users hit the ceiling, how many workspaces pay overage, and for how much?',
        formula:
          'rate = subjects with at least one denied (hard cap) or metered (pay as you go) call ÷ active subjects.',
        lever: 'below the band the caps do no work, above it they are too tight.',
      },
      from: { view: 'kpi_overage_rate', args: { by: 'all' } },
      fields: [
        share('free_rate', 'Free at the ceiling', { band: 'overage.hard_cap' }),
        share('payg_rate', 'Workspaces with overage', { band: 'overage.payg' }),
        money('overage_usd', 'Overage spend'),
        pricedShare(),
      ],
    }),
    tablePanel({
      id: 503,
      title: 'Overage per tier',
      at: place(8, 16),
      explanation: {
        answers: 'Which tier is outside its band?',
        formula: 'as above, per tier and its one overage pattern.',
        lever: 'caps of that tier.',
      },
      from: { view: 'kpi_overage_rate', args: { by: 'tier' }, orderBy: ['tier'] },
      fields: [
        text('tier', 'Tier'),
        text('pattern', 'Pattern'),
        count('subjects', 'Subjects'),
        count('over', 'With overage'),
        share('rate', 'Rate'),
        verdict('band'),
        money('overage_usd', 'Overage spend'),
        pricedShare(),
      ],
    }),
  ],
})
