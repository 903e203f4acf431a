/** Generated calls → entries of the ledger by the product's own path, with corrections, withdrawals and refusals. */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { type BookTables, type SkuParts, tablesOf } from '@outlay/pricing'
import type { SettledCall } from '@outlay/semconv'
import { planEntries } from '../../../packages/collector/src/ledger/plan-entries.ts'
import {
  type DesiredEntry,
  desiredEntryOf,
  type RequiredField,
  refusedEntryOf,
} from '../../../packages/collector/src/ledger/settled-row.ts'
import { settledCallOf } from '../../harness/ledger-rows.ts'
import { type GeneratedCall, generateCalls } from './tasks.ts'
import { useModel } from './offer.ts'
import { momentIn, type World } from './world.ts'

export interface Entries {
  readonly calls: readonly CallRow[]
  readonly quarantine: readonly QuarantineRow[]
  /** Price selectors of refused calls and parts, which their rows do not spell out, by `refusalKey`. */
  readonly refusedParts: ReadonlyMap<string, SkuParts>
}

const REQUIRED: readonly RequiredField[] = ['tenant', 'feature']
const NANOS_PER_MS = 1_000_000n

const settledOf = (call: GeneratedCall): SettledCall => {
  const settled = settledCallOf(call)
  return { ...settled, key: { ...settled.key, part: call.part }, layers: call.layers }
}

const policyOf = (tables: BookTables, require: readonly RequiredField[]) => ({ require, ...tablesOf(tables) })

/** Without a tenant, without a feature, without both, or a sum that may not be billed. */
type Refusal = NonNullable<GeneratedCall['attribution']> | 'unbilled_aggregate'

const refusalOf = ({ random }: World): Refusal | undefined => {
  if (!random.chance(0.04)) return undefined
  if (random.chance(0.1)) return 'unbilled_aggregate'
  return random.pick([{ tenant: '' }, { feature: '' }, { tenant: '', feature: '' }])
}

/** Parts are refused with their call. */
const desiredOf = (call: GeneratedCall, refusal: Refusal | undefined, tables: BookTables): DesiredEntry => {
  const policy = policyOf(tables, REQUIRED)
  if (refusal === 'unbilled_aggregate') return refusedEntryOf(settledOf(call), policy, refusal)
  return desiredEntryOf(settledOf({ ...call, attribution: { ...call.attribution, ...refusal } }), policy)
}

const subjectOf = ({ user }: World['members'][number]): 'user' | 'account' => (user === '' ? 'account' : 'user')

/** The same call, told differently later: other usage, another time, another user, tier or feature. */
const corrected = (world: World, call: GeneratedCall): GeneratedCall => {
  const { random } = world
  const other = random.pick(world.members)
  const at = new Date(momentIn(world)).toISOString()
  return random.pick<GeneratedCall>([
    { ...call, selectors: {}, ...useModel(random, world.unpriced), usageStatus: 'reported' },
    { ...call, at },
    {
      ...call,
      attribution: { ...call.attribution, tenant: other.tenant, user: other.user, subject: subjectOf(other) },
    },
    { ...call, attribution: { ...call.attribution, tier: random.pick(['free', 'pro', 'team']) } },
    { ...call, attribution: { ...call.attribution, feature: random.pick(world.features) } },
  ])
}

/** Posted when its call was received and a while later. */
const postedAfter = <Row extends { readonly span_id: string; readonly part: string }>(
  rows: readonly Row[],
  calls: readonly GeneratedCall[],
  extraMs: number,
): readonly Row[] => {
  const lags = new Map(calls.map((call) => [settledOf(call).key.spanId + call.part, call]))
  return rows.map((row) => {
    const call = lags.get(row.span_id + row.part)
    const receivedAtMs = call === undefined ? 0n : settledOf(call).receivedUnixNano / NANOS_PER_MS
    return { ...row, posted_at: receivedAtMs + BigInt((call?.lagMs ?? 0) + extraMs) }
  })
}

const withdrawn = (row: CallRow): CallRow => ({
  ...row,
  sign: -1,
  entry_id: `f${row.entry_id.slice(1)}`,
  reverses: row.entry_id,
  reason: 'duplicate',
})

const POSTING = { postedAtMs: 0, walId: 'oracle', unit: 1n }
const CORRECTION_LAG_MS = 3_600_000

export const generateEntries = (world: World, tasks: number, tables: BookTables): Entries => {
  const { random } = world
  const generated = generateCalls(world, tasks)
  const mains = generated.filter(({ part }) => part === 'main')
  const refusals = new Map(mains.map(({ id }) => [id, refusalOf(world)]))
  const first = planEntries(
    generated.map((call) => desiredOf(call, refusals.get(call.id), tables)),
    { calls: [], quarantine: [] },
    POSTING,
  )
  // Parts stay with the call they are of: only calls without one are told differently.
  const withPart = new Set(generated.filter(({ part }) => part !== 'main').map(({ id }) => id))
  const again = mains.filter(({ id }) => !withPart.has(id) && random.chance(0.1)).map((call) => corrected(world, call))
  const keys = new Set(again.map((call) => settledOf(call).key.spanId))
  const second = planEntries(
    again.map((call) => desiredEntryOf(settledOf(call), policyOf(tables, REQUIRED))),
    {
      calls: first.calls.filter(({ span_id }) => keys.has(span_id)),
      quarantine: first.quarantine.filter(({ span_id }) => keys.has(span_id)),
    },
    { ...POSTING, unit: 2n },
  )
  const gone = first.calls
    .filter(({ span_id, part }) => part === 'main' && !keys.has(span_id))
    .filter(() => random.chance(0.03))
  const goneSpans = new Set(gone.map(({ span_id }) => span_id))
  const parts = first.calls.filter(({ span_id, part }) => part !== 'main' && goneSpans.has(span_id))
  const everything = [...generated, ...again]
  return {
    calls: [
      ...postedAfter(first.calls, generated, 0),
      ...postedAfter([...second.calls, ...[...gone, ...parts].map(withdrawn)], everything, CORRECTION_LAG_MS),
    ],
    quarantine: [
      ...postedAfter(first.quarantine, generated, 0),
      ...postedAfter(second.quarantine, everything, CORRECTION_LAG_MS),
    ],
    refusedParts: new Map(generated.map((call) => partsOf(call, tables))),
  }
}

export const refusalKey = ({ trace_id, part }: Pick<QuarantineRow, 'trace_id' | 'part'>): string =>
  `${trace_id} ${part}`

const partsOf = (call: GeneratedCall, tables: BookTables): readonly [string, SkuParts] => {
  const known = { ...call, attribution: { ...call.attribution, tenant: 'x', feature: 'x' } }
  const { content } = desiredEntryOf(settledOf(known), policyOf(tables, []))
  if (!('price_provider' in content)) throw new Error('BUG: with nothing required a call is charged')
  const { price_provider, price_model, price_region, price_tier, prompt_band } = content
  return [
    refusalKey(content),
    {
      provider: price_provider,
      model: price_model,
      region: price_region,
      tier: price_tier,
      promptBand: prompt_band,
    },
  ]
}
