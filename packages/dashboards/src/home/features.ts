import { count, fineMoney, money, pricedShare, ratio, share, text } from '#src/fields.ts'
import { barChartPanel } from '#src/panels/bars.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import { place, type Section } from './section.ts'

const TOP_FEATURES = 20
const FEATURES_MAX = 100

/** Row 7: which features carry the cost, next to their share of usage. */
export const featureConcentration = (): Section => ({
  row: { id: 700, title: '7 · Top-feature concentration' },
  panels: [
    statPanel({
      id: 701,
      title: 'Concentration over features',
      at: place(0, 8),
      explanation: {
        answers: 'How much of the cost do the dearest features make?',
        formula: 'cost of the top 1, 3, 5 features ÷ cost of all; Gini of cost over features.',
        lever: 'the five-minute answer of the top feature.',
      },
      from: { view: 'kpi_feature_totals', args: {} },
      fields: [share('top1', 'Top 1'), share('top3', 'Top 3'), share('top5', 'Top 5'), ratio('gini', 'Gini')],
    }),
    barChartPanel({
      id: 702,
      title: 'Cost share beside usage share',
      at: place(8, 16),
      stacked: false,
      explanation: {
        answers: 'Which features cost more than they are used?',
        formula: 'share of cost and share of usage events (user-visible tasks), per feature, the dearest first.',
      },
      from: {
        view: 'kpi_feature_concentration',
        args: { by: 'feature' },
        orderBy: ['cost_share DESC', 'key'],
        limit: TOP_FEATURES,
      },
      fields: [text('key', 'Feature'), share('cost_share', 'Cost share'), share('usage_share', 'Usage share')],
    }),
    tablePanel({
      id: 703,
      title: 'Features',
      at: place(0, 24, 1),
      explanation: {
        answers: 'What does each feature cost, and what does one use of it cost?',
        formula: 'cost per event = cost ÷ user-visible tasks.',
        lever: 'routing, prompt size and caching of the dearest feature.',
      },
      from: {
        view: 'kpi_feature_concentration',
        args: { by: 'feature' },
        orderBy: ['cost_share DESC', 'key'],
        limit: FEATURES_MAX,
      },
      fields: [
        text('key', 'Feature'),
        money('cost_usd', 'Cost'),
        share('cost_share', 'Cost share'),
        count('usage_events', 'Usage events'),
        share('usage_share', 'Usage share'),
        fineMoney('cost_per_event', 'Per event'),
        count('calls', 'Calls'),
        pricedShare(),
      ],
    }),
  ],
})
