/**
 * Everything under `deploy/` that is generated, as text by path. Deterministic: no clock, no randomness, stable order,
 * LF. A test builds again and compares with the committed files.
 */
import { createHash } from 'node:crypto'
import { OutlayError } from '@outlay/core'
import { CURRENT_BOOK } from '@outlay/clickhouse'
import packageJson from '../package.json' with { type: 'json' }
import { renderBandsFile } from './bands-file.ts'
import { finishDashboard } from './finish.ts'
import { buildHome } from './home/home.ts'
import { type JsonObject, textOf } from './json.ts'
import { lintDashboards } from './lint.ts'
import type { MacroContext } from './macros.ts'
import { renderDashboardProviders, renderDatasources } from './provisioning.ts'
import { collectQueries, listQuery } from './queries.ts'
import { DATASOURCE_UID, PLUGIN_VERSION } from './query.ts'
import type { VariableValues } from './variable-values.ts'

const GRAFANA = 'deploy/grafana'
const BANDS_PATH = 'deploy/config/bands.yaml'

/** A window for the expanded form in queries.json; any other would do. */
const SAMPLE_WINDOW: MacroContext = {
  fromMs: Date.UTC(2026, 10, 1),
  toMs: Date.UTC(2026, 10, 8),
  intervalMs: 3_600_000,
}

/** Variables as they stand when a dashboard is opened. */
export const OPENING_VALUES: VariableValues = {
  datasource: [DATASOURCE_UID],
  database: ['outlay'],
  tenant: 'all',
  feature: 'all',
  tier: 'all',
  workload: 'all',
  model: 'all',
  environment: 'all',
  book: [CURRENT_BOOK],
}

/** All dashboards, finished and linted. Fails with `E_DASHBOARD` and every problem. */
export const buildDashboards = (): readonly JsonObject[] => {
  const dashboards = [buildHome()].map(finishDashboard)
  const problems = lintDashboards(dashboards)
  if (problems.length === 0) return dashboards
  throw new OutlayError('E_DASHBOARD', 'the dashboards break house rules', {
    got: problems.map(({ where, what }) => `${where}: ${what}`).join('; '),
  })
}

const toText = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Path from the root of the repository → content. */
export const buildFiles = (): ReadonlyMap<string, string> => {
  const dashboards = buildDashboards()
  const bands = renderBandsFile()
  const queries = dashboards.flatMap(collectQueries).map((query) => listQuery(query, OPENING_VALUES, SAMPLE_WINDOW))
  const files = new Map([
    ...dashboards.map(
      (dashboard) => [`${GRAFANA}/dashboards/${textOf(dashboard['uid'])}.json`, toText(dashboard)] as const,
    ),
    [`${GRAFANA}/provisioning/datasources/outlay.yaml`, renderDatasources()],
    [`${GRAFANA}/provisioning/dashboards/outlay.yaml`, renderDashboardProviders()],
    [`${GRAFANA}/queries.json`, toText(queries)],
  ])
  const manifest = {
    sdkVersion: packageJson.dependencies['@grafana/grafana-foundation-sdk'],
    pluginVersion: PLUGIN_VERSION,
    bands: sha256(bands),
    files: Object.fromEntries([...files].map(([path, text]) => [path.slice(GRAFANA.length + 1), sha256(text)])),
  }
  return new Map([...files, [`${GRAFANA}/manifest.json`, toText(manifest)], [BANDS_PATH, bands]])
}
