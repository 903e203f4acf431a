import { money, pricedShare, share } from '#src/fields.ts'
import { rowGaugePanel } from '#src/panels/bar-gauge.ts'
import { statPanel } from '#src/panels/stat.ts'
import { place, type Section } from './section.ts'

const TOP_FEATURES = 20

/** Row 6: how much soft-capped traffic the budget model serves, and what that saved. */
export const degradation = (): Section => ({
  row: { id: 600, title: '6 · Soft-cap degradation' },
  panels: [
    statPanel({
      id: 601,
      title: 'Degraded this month',
      at: place(0, 8),
      explanation: {
        answers: 'What part of soft-capped traffic is served by the budget model, and what did it save?',
        formula:
          'degraded calls ÷ calls of soft-capped tiers; saved = cost at the price of the requested model − actual cost.',
        lever: 'the soft threshold: above 30 % it is too tight, below 5 % it does no work.',
      },
      from: { view: 'kpi_degradation_rate', args: { by: 'all' } },
      fields: [
        share('calls_rate', 'Calls degraded', { band: 'degradation' }),
        share('cost_rate', 'Cost degraded', { band: 'degradation' }),
        money('saved_usd', 'Saved'),
        pricedShare(),
      ],
    }),
    rowGaugePanel({
      id: 603,
      title: 'Degraded share by feature',
      at: place(8, 16),
      explanation: {
        answers: 'Which features are served by the budget model most?',
        formula: 'degraded calls ÷ calls, per feature.',
        lever: 'the soft threshold, or the routing of that feature.',
      },
      from: { view: 'kpi_degradation_rate', args: { by: 'feature' }, orderBy: ['calls_rate DESC', 'key'] },
      key: 'key',
      field: share('calls_rate', 'Calls degraded', { band: 'degradation' }),
      rows: TOP_FEATURES,
    }),
  ],
})
