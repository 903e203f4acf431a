import { count, instant, text, tokens } from '#src/fields.ts'
import { tablePanel } from '#src/panels/table.ts'
import { BELOW_HEADER, type Section } from './section.ts'

const ROWS_MAX = 100
const TABLE_HEIGHT = 6

/** Row 9, as far as views exist: usage that has no price. */
export const coverage = (): Section => ({
  row: { id: 900, title: 'Beside the eight' },
  panels: [
    tablePanel({
      id: 904,
      title: 'Usage without a price',
      at: { x: 0, y: BELOW_HEADER, w: 24, h: TABLE_HEIGHT },
      explanation: {
        answers: 'Which model and meter has usage without a price, since when?',
        formula: 'net quantity of the meters that have no price at the start of their calls.',
        lever: 'add price rows; every figure re-prices itself.',
      },
      from: {
        view: 'kpi_coverage',
        args: { by: 'meter' },
        orderBy: ['unpriced_calls DESC', 'provider', 'model', 'tier', 'meter'],
        limit: ROWS_MAX,
      },
      fields: [
        text('provider', 'Provider'),
        text('model', 'Model'),
        text('tier', 'Price tier'),
        text('meter', 'Meter'),
        tokens('tokens', 'Quantity'),
        count('unpriced_calls', 'Calls'),
        instant('first_seen', 'First seen'),
        instant('last_seen', 'Last seen'),
      ],
    }),
  ],
})
