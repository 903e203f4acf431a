import { count, duration, money, pricedShare, share, text, verdict } from '#src/fields.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import type { Section } from './section.ts'

const STAT_HEIGHT = 4
const TABLE_HEIGHT = 9

/** Row 0: the state of the ledger and the verdicts of the eight KPIs. */
export const headline = (): Section => ({
  panels: [
    statPanel({
      id: 1,
      title: 'Spend and coverage',
      at: { x: 0, y: 0, w: 24, h: STAT_HEIGHT },
      explanation: {
        answers: 'What was spent, and how much of it is priced, attributed and up to date?',
        formula: 'spend = Σ over calls Σ over meters (quantity × price valid at the start of the call).',
        lever: 'unpriced models and unattributed services first: every figure below rests on them.',
      },
      from: { view: 'kpi_headline', args: {} },
      fields: [
        money('spend_usd', 'Spend in range'),
        money('month_usd', 'Month to date'),
        pricedShare(),
        share('unattributed_share', 'Unattributed', { band: 'unattributed' }),
        duration('ingest_lag_p99_s', 'Ingest lag p99', { band: 'lag_s' }),
        count('budget_actions_today', 'Budget actions today'),
      ],
    }),
    tablePanel({
      id: 2,
      title: 'Eight verdicts',
      at: { x: 0, y: STAT_HEIGHT, w: 24, h: TABLE_HEIGHT },
      explanation: {
        answers: 'How do the eight KPIs stand, and what is the lever of each?',
        formula:
          'headline figure per KPI; a ratio of 0.08 is 8 %. The verdict compares the figure named in the last column with its band.',
      },
      from: { view: 'kpi_overview', args: {}, orderBy: ['kpi'] },
      fields: [
        count('kpi', '#', { width: 50 }),
        text('title', 'KPI'),
        { ...count('headline', 'Headline'), decimals: 4 },
        text('unit', 'Unit', { width: 70 }),
        text('meaning', 'Headline is'),
        verdict('band'),
        text('lever', 'Lever'),
        pricedShare(),
        text('band_of', 'Verdict on'),
      ],
    }),
  ],
})
