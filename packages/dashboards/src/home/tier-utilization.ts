import { count, day, share, text, tokens, verdict } from '#src/fields.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import { place, type Section } from './section.ts'

const TOP_SUBJECTS = 20

/** Row 4: how much of its budget each subject has used, and when it will hit the cap. */
export const tierUtilization = (): Section => ({
  row: { id: 400, title: '4 · Tier-budget utilization' },
  panels: [
    statPanel({
      id: 401,
      title: 'Subjects at their caps',
      at: place(0, 8),
      explanation: {
        answers: 'How many users or workspaces are over a cap, and how many will be by the end of the month?',
        formula: 'projected = used ÷ part of the month that has passed.',
        lever: 'tier caps; an upgrade offer before the cap date.',
      },
      from: { view: 'kpi_tier_summary', args: { by: 'all' } },
      fields: [
        count('over_soft', 'Over soft cap'),
        count('over_hard', 'Over hard cap'),
        count('projected_over', 'Projected over'),
        day('first_cap_date', 'First cap date'),
      ],
    }),
    tablePanel({
      id: 403,
      title: 'Closest to their caps',
      at: place(8, 16),
      explanation: {
        answers: 'Who will hit the hard cap, and when?',
        formula: 'utilization = effective tokens used ÷ hard cap; the date follows from the pace of the month so far.',
        lever: 'outreach before the date, or a larger tier.',
      },
      from: {
        view: 'kpi_tier_utilization',
        args: { top: TOP_SUBJECTS },
        orderBy: ['utilization DESC', 'subject'],
        limit: TOP_SUBJECTS,
      },
      fields: [
        text('subject', 'Subject'),
        text('tenant', 'Tenant'),
        text('tier', 'Tier'),
        tokens('used', 'Used'),
        tokens('hard_cap', 'Hard cap', { noValue: 'no cap' }),
        share('utilization', 'Utilization', { band: 'utilization', noValue: 'no cap' }),
        verdict('band'),
        tokens('projected', 'Projected'),
        day('projected_cap_date', 'Cap date'),
      ],
    }),
  ],
})
