/** `outlay-home`: eight KPIs on one page (spec: dashboards §6), as far as views exist. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { homeVariables } from '#src/variables.ts'
import { costToRevenue } from './cost-to-revenue.ts'
import { coverage } from './coverage.ts'
import { degradation } from './degradation.ts'
import { featureConcentration } from './features.ts'
import { headline } from './headline.ts'
import { overageRate } from './overage-rate.ts'
import type { Section } from './section.ts'
import { taskCost } from './task-cost.ts'
import { tenantCost } from './tenant-cost.ts'
import { tierUtilization } from './tier-utilization.ts'
import { userCost } from './user-cost.ts'

const GRID_WIDTH = 24
const TAG = 'outlay'

const SECTIONS = [
  headline,
  taskCost,
  userCost,
  tenantCost,
  tierUtilization,
  overageRate,
  degradation,
  featureConcentration,
  costToRevenue,
  coverage,
]

export const buildHome = (): Dashboard => {
  const dashboard = new DashboardBuilder('Outlay: eight KPIs')
    .uid('outlay-home')
    .description('Who and what is our AI spend for: eight KPIs, their verdicts and their levers.')
    .tags([TAG])
    .time({ from: 'now-7d', to: 'now' })
    .refresh('5m')
    .variables(homeVariables())
    .link(
      new DashboardLinkBuilder('Outlay')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
  let top = 0
  for (const section of SECTIONS) top = addSection(dashboard, section(), top)
  return dashboard.build()
}

/** Adds a section at line `top` of the wall and returns the line below it. */
const addSection = (dashboard: DashboardBuilder, { row, panels }: Section, top: number): number => {
  if (row) {
    dashboard.withRow(new RowBuilder(row.title).id(row.id).gridPos({ x: 0, y: top, w: GRID_WIDTH, h: 1 }))
  }
  let bottom = top
  for (const builder of panels) {
    const panel = builder.build()
    const { x, y, w, h } = panel.gridPos ?? { x: 0, y: 0, w: GRID_WIDTH, h: 1 }
    dashboard.withPanel(fixed({ ...panel, gridPos: { x, y: top + y, w, h } }))
    bottom = Math.max(bottom, top + y + h)
  }
  return bottom
}

const fixed = (panel: Panel): Builder<Panel> => ({ build: () => panel })
