/** Ledger rows for tests, made by the product's own path from settled call to row. */
import type { CallRow } from '@outlay/clickhouse'
import { inputTotalOf, type MeterQuantities, NANOS_PER_MS, NANOS_PER_SECOND, outputTotalOf } from '@outlay/core'
import { type BookTables, tablesOf } from '@outlay/pricing'
import type { CallAttribution, PriceSelectors, SettledCall } from '@outlay/semconv'
import { planEntries } from '../../packages/collector/src/ledger/plan-entries.ts'
import { desiredEntryOf } from '../../packages/collector/src/ledger/settled-row.ts'

export interface CallSpec {
  /** Distinguishes the call; two specs with one id are two versions of one call. */
  readonly id: number
  /** What bills beside the call, e.g. `advisor:1`; main where absent. */
  readonly part?: string
  readonly at: string
  readonly model: string
  readonly provider?: string
  readonly meters: MeterQuantities
  readonly attribution?: Partial<CallAttribution>
  readonly selectors?: Partial<PriceSelectors>
  readonly control?: Partial<SettledCall['control']>
  readonly usageStatus?: SettledCall['usageStatus']
}

const NOBODY: CallAttribution = {
  tenant: 'acme',
  user: 'h_1',
  subject: 'user',
  feature: 'support-chat',
  route: '',
  workload: 'chat',
  task: 'task-1',
  taskType: 'answer',
  parentTask: '',
  session: '',
  turn: '',
  tool: '',
  agent: '',
  promptVersion: '',
  effort: '',
  tier: 'pro',
  environment: 'test',
  service: 'tests',
  leaf: '',
  attempt: 1,
  outcome: '',
}

export const settledCallOf = (spec: CallSpec): SettledCall => {
  const startUnixNano = BigInt(Date.parse(spec.at)) * NANOS_PER_MS
  return {
    key: {
      authority: 'local',
      traceId: spec.id.toString(16).padStart(32, '0'),
      spanId: spec.id.toString(16).padStart(16, '0'),
      part: spec.part ?? 'main',
    },
    startUnixNano,
    endUnixNano: startUnixNano + NANOS_PER_SECOND,
    receivedUnixNano: startUnixNano + NANOS_PER_SECOND,
    usageStatus: spec.usageStatus ?? 'reported',
    cacheSplit: 'reported',
    inclusion: 'raw',
    billableReason: 'leaf',
    flags: [],
    ruleId: 'test@1',
    scopeName: 'test',
    scopeVersion: '',
    meters: spec.meters,
    inputTotal: inputTotalOf(spec.meters),
    outputTotal: outputTotalOf(spec.meters),
    selectors: {
      provider: spec.provider ?? 'openai',
      host: '',
      requestModel: spec.model,
      responseModel: spec.model,
      serviceTier: '',
      batch: false,
      speed: '',
      apiType: '',
      region: '',
      ...spec.selectors,
    },
    attribution: { ...NOBODY, ...spec.attribution },
    layers: { prompt: 0, tool: 0, memory: 0 },
    control: { intendedModel: '', overagePattern: '', overageAction: '', ...spec.control },
    responseId: '',
    reportedCostUsd: '',
    reportedCostSource: '',
  }
}

/** Entries that bring the ledger from `existing` to exactly the given calls. */
export const entriesFor = (
  book: BookTables,
  specs: readonly CallSpec[],
  existing: readonly CallRow[] = [],
): readonly CallRow[] => {
  const desired = specs.map((spec) => desiredEntryOf(settledCallOf(spec), { require: ['tenant'], ...tablesOf(book) }))
  return planEntries(
    desired,
    { calls: existing, quarantine: [] },
    { postedAtMs: Date.UTC(2026, 10, 1), walId: 'test', unit: 1n },
  ).calls
}
