/** The name of a view as people type it: with or without `kpi_`, with dashes or underscores. */
import { KPI_VIEWS, type KpiViewName } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import { suggestionFor } from '@outlay/pricing'

/** `kpi_task_cost` → `task-cost`: how the command writes names. */
export const typedNameOf = (name: string): string => name.replace(/^kpi_/, '').replaceAll('_', '-')

/** Fails with `E_KPI`, the nearest name and the list. */
export const resolveViewName = (text: string): KpiViewName => {
  const wanted = typedNameOf(text.trim().toLowerCase().replaceAll('-', '_'))
  const view = KPI_VIEWS.find(({ name }) => typedNameOf(name) === wanted)
  if (view) return view.name
  const known = KPI_VIEWS.map(({ name }) => typedNameOf(name))
  throw new OutlayError('E_KPI', `no KPI has that name${suggestionFor(wanted, known)}`, {
    got: JSON.stringify(text),
    want: known.join(', '),
    fix: '`outlay kpi --list` says what each answers',
  })
}
