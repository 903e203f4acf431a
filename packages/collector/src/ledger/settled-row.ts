/**
 * A settled call → what the ledger wants to say about it: a charge, or a refusal with its counters kept. Everything a
 * price depends on is derived here once (sku, slot, band); money is not.
 */
import { type CallRow, callsTable, columnNames, type QuarantineRow } from '@outlay/clickhouse'
import { limits, METERS, type Meter, type MeterQuantities, TOKEN_METERS, UNIT_METERS } from '@outlay/core'
import {
  type BookTables,
  type CallCut,
  foldSku,
  priceSlotOf,
  promptBandOf,
  type SkuParts,
  skuIdOf,
  splitsOf,
} from '@outlay/pricing'
import { type CallAttribution, type CallKey, RULES_VERSION, type SettledCall } from '@outlay/semconv'
import { LOCAL_AUTHORITY } from '#src/tokens/token-entry.ts'
import { contentHash } from './content-hash.ts'

/** Columns that say how and when a row was posted, not what it says. */
type PostingColumn = 'entry_id' | 'sign' | 'seq' | 'posted_at' | 'wal_id' | 'unit' | 'pos'
export type ChargeContent = Omit<CallRow, PostingColumn | 'reverses' | 'reason'>
type SaidContent = Omit<ChargeContent, 'content_hash' | 'received_at' | 'rule_id' | 'rules_version'>
export type RefusalContent = Omit<QuarantineRow, PostingColumn>

export type DesiredEntry =
  | { readonly kind: 'charge'; readonly key: CallKey; readonly content: ChargeContent }
  | { readonly kind: 'refusal'; readonly key: CallKey; readonly content: RefusalContent }

export type RequiredField = 'tenant' | 'feature' | 'workload' | 'task' | 'user'

export interface PostingPolicy extends BookTables {
  readonly require: readonly RequiredField[]
}

const NANOS_PER_MS = 1_000_000n
const INVALID_USAGE_BIT = 2 ** 30
const NO_USAGE_BIT = 2 ** 31

interface Derivation {
  readonly rulesVersion: string
  /** The call came after its trace had closed, and was settled without the spans before it. */
  readonly orphan: boolean
}

export const desiredEntryOf = (
  settled: SettledCall,
  policy: PostingPolicy,
  { rulesVersion, orphan }: Derivation = { rulesVersion: RULES_VERSION, orphan: false },
): DesiredEntry => {
  const call = orphan ? { ...settled, flags: [...settled.flags, 'orphan_late'] } : settled
  const missing = requiredOf(call, policy).filter((field) => isMissing(call.attribution, field))
  const charge = { ...chargeContentOf(call, policy), rules_version: rulesVersion }
  if (missing.length === 0) return { kind: 'charge', key: call.key, content: charge }
  return {
    kind: 'refusal',
    key: call.key,
    content: refusalContentOf(call, charge, { reason: MISSING_ATTRIBUTION, missing }),
  }
}

/** Who sends with a token sends for somebody: without a tenant such a call is nobody's, whatever the policy says. */
const requiredOf = ({ key }: SettledCall, { require }: PostingPolicy): readonly RequiredField[] =>
  key.authority === LOCAL_AUTHORITY || require.includes('tenant') ? require : ['tenant', ...require]

/** Why a span is refused and what it lacks. */
interface Refusal {
  readonly reason: string
  readonly missing: readonly string[]
}

const MISSING_ATTRIBUTION = 'missing_attribution'

/** Numbers that may not be billed, kept where people look for what is missing. */
export const refusedEntryOf = (call: SettledCall, policy: PostingPolicy, reason: string): DesiredEntry => ({
  kind: 'refusal',
  key: call.key,
  content: refusalContentOf(call, chargeContentOf(call, policy), { reason, missing: [] }),
})

/** Account-level calls have no user by design. */
const isMissing = (attribution: CallAttribution, field: RequiredField): boolean =>
  field === 'user' && attribution.subject === 'account' ? false : attribution[field] === ''

type DerivedColumn = 'prompt_band' | 'sku' | 'intended_sku' | 'price_slot'

/** What the tables make of a call: everything that another edge or split may change. */
const derivedColumnsOf = (
  folded: Omit<SkuParts, 'promptBand'>,
  { intendedModel, ...cut }: CallCut & { readonly intendedModel: string },
  tables: BookTables,
): Pick<CallRow, DerivedColumn> => {
  const parts = { ...folded, promptBand: promptBandOf(cut, tables) }
  const sku = skuIdOf(parts)
  // The model alone differs: a degraded call is priced as the one that was meant as well, at the same instant.
  const intended = intendedModel === '' ? undefined : { ...parts, model: intendedModel }
  const splits = [parts, ...(intended ? [intended] : [])].flatMap((each) => splitsOf(each, tables))
  return {
    prompt_band: parts.promptBand,
    sku,
    intended_sku: intended ? skuIdOf(intended) : sku,
    price_slot: priceSlotOf(cut.startMs, splits),
  }
}

const usageBitsOf = (call: SettledCall): number => {
  if (call.usageStatus === 'conflict') return INVALID_USAGE_BIT
  if (call.usageStatus === 'absent') return NO_USAGE_BIT
  return METERS.reduce((bits, meter, position) => ((call.meters[meter] ?? 0) > 0 ? bits + 2 ** position : bits), 0)
}

/** The client's start, unless its clock is absurd: then our receive time, flagged (collector §8.3). */
const timeOf = (call: SettledCall): { readonly time: bigint; readonly clamped: boolean } => {
  const earliest = call.receivedUnixNano - BigInt(limits.clockPastMsMax) * NANOS_PER_MS
  const latest = call.receivedUnixNano + BigInt(limits.clockFutureMsMax) * NANOS_PER_MS
  const clamped = call.startUnixNano < earliest || call.startUnixNano > latest
  return { time: clamped ? call.receivedUnixNano : call.startUnixNano, clamped }
}

const quantitiesOf = <M extends Meter>(meters: MeterQuantities, names: readonly M[]): Record<M, number> =>
  Object.fromEntries(names.map((meter) => [meter, meters[meter] ?? 0])) as Record<M, number>

const nonZero = (meters: MeterQuantities, names: readonly Meter[]): Record<string, number> =>
  Object.fromEntries(names.flatMap((meter) => ((meters[meter] ?? 0) > 0 ? [[meter, meters[meter] ?? 0]] : [])))

/**
 * What a guard degrades is the model that answers, with everything it does itself. An advisor is a model that the
 * answering one asks: it would have been asked in any case.
 */
const intendedModelOf = ({ key, control }: SettledCall): string =>
  key.part.startsWith('advisor:') ? '' : control.intendedModel

const chargeContentOf = (call: SettledCall, policy: PostingPolicy): Omit<ChargeContent, 'rules_version'> => {
  const { attribution, selectors, control, layers } = call
  const { time, clamped } = timeOf(call)
  const cut = { inputTotal: call.inputTotal, startMs: Number(time / NANOS_PER_MS) }
  const parts = foldSku(selectors, cut, policy)
  const intendedModel = intendedModelOf(call)
  const content = {
    authority: call.key.authority,
    trace_id: call.key.traceId,
    span_id: call.key.spanId,
    part: call.key.part,
    time,
    duration_ns: call.endUnixNano > call.startUnixNano ? call.endUnixNano - call.startUnixNano : 0n,
    tenant: attribution.tenant,
    user: attribution.user,
    subject: attribution.subject,
    feature: attribution.feature,
    route: attribution.route,
    workload: attribution.workload,
    task: attribution.task,
    task_type: attribution.taskType,
    parent_task: attribution.parentTask,
    session: attribution.session,
    turn: attribution.turn,
    tool: attribution.tool,
    agent: attribution.agent,
    prompt_version: attribution.promptVersion,
    effort: attribution.effort,
    tier: attribution.tier,
    environment: attribution.environment,
    service: attribution.service,
    leaf: attribution.leaf,
    attempt: attribution.attempt,
    outcome: attribution.outcome,
    provider: selectors.provider,
    host: selectors.host,
    request_model: selectors.requestModel,
    response_model: selectors.responseModel,
    response_id: call.responseId,
    service_tier: selectors.serviceTier,
    batch: selectors.batch ? 1 : 0,
    speed: selectors.speed,
    region: selectors.region,
    price_provider: parts.provider,
    price_model: parts.model,
    price_region: parts.region,
    price_tier: parts.tier,
    ...derivedColumnsOf(parts, { ...cut, intendedModel }, policy),
    usage_bits: usageBitsOf(call),
    ...quantitiesOf(call.meters, TOKEN_METERS as readonly (keyof ChargeContent & Meter)[]),
    units: nonZero(call.meters, UNIT_METERS),
    input_total: call.inputTotal,
    output_total: call.outputTotal,
    layer_prompt: layers.prompt,
    layer_tool: layers.tool,
    layer_memory: layers.memory,
    intended_model: intendedModel,
    overage_pattern: control.overagePattern,
    overage_action: control.overageAction,
    usage_status: call.usageStatus,
    cache_split: call.cacheSplit,
    inclusion: call.inclusion,
    billable_reason: call.billableReason,
    flags: clamped ? [...call.flags, 'time_clamped'] : call.flags,
    scope_name: call.scopeName,
    scope_version: call.scopeVersion,
    reported_cost: call.reportedCostUsd,
    reported_cost_source: call.reportedCostSource,
  }
  return {
    ...content,
    content_hash: chargeHashOf(content),
    received_at: call.receivedUnixNano,
    rule_id: call.ruleId,
  }
}

/** Receive time and rule are not part of what a row says: they may change and mean the same call. */
const NOT_SAID: ReadonlySet<string> = new Set<Exclude<keyof CallRow, keyof SaidContent>>([
  'entry_id',
  'sign',
  'seq',
  'reverses',
  'reason',
  'content_hash',
  'posted_at',
  'received_at',
  'rule_id',
  'rules_version',
  'wal_id',
  'unit',
  'pos',
])
export const SAID_COLUMNS = columnNames(callsTable).filter((column) => !NOT_SAID.has(column))

const hashOfSaid = contentHash(SAID_COLUMNS)

/** The same for a call that was just settled and for its row read back: what is said, in the order of the table. */
export const chargeHashOf = (said: SaidContent): string => hashOfSaid(said)

/**
 * An open charge as settlement would post it now, from the selectors, tokens and time on it; undefined where it stands so
 * already. Nothing but derived columns changes: not even a spelling that is folded in another way today.
 */
export const refoldedCharge = (row: CallRow, tables: BookTables): ChargeContent | undefined => {
  const folded = {
    provider: row.price_provider,
    model: row.price_model,
    region: row.price_region,
    tier: row.price_tier,
  }
  const cut = { inputTotal: row.input_total, startMs: Number(row.time / NANOS_PER_MS) }
  const derived = derivedColumnsOf(folded, { ...cut, intendedModel: row.intended_model }, tables)
  if (derived.prompt_band === row.prompt_band && derived.price_slot === row.price_slot) return undefined
  const said = { ...row, ...derived }
  return { ...said, content_hash: chargeHashOf(said) }
}

const refusalContentOf = (
  call: SettledCall,
  charge: Omit<ChargeContent, 'rules_version'>,
  { reason, missing }: Refusal,
): RefusalContent => {
  const refusal = {
    reason,
    missing,
    authority: charge.authority,
    trace_id: charge.trace_id,
    span_id: charge.span_id,
    part: charge.part,
    time: charge.time,
    tenant: charge.tenant,
    feature: charge.feature,
    workload: charge.workload,
    service: charge.service,
    environment: charge.environment,
    scope_name: charge.scope_name,
    provider: charge.price_provider,
    model: charge.price_model,
    sku: charge.sku,
    price_slot: charge.price_slot,
    usage_bits: charge.usage_bits,
    meters: nonZero(call.meters, METERS),
  }
  const said = { ...refusal, charge: charge.content_hash }
  return {
    ...refusal,
    // Parts of the sku, which the hash of the charge covers.
    price_region: charge.price_region,
    price_tier: charge.price_tier,
    prompt_band: charge.prompt_band,
    content_hash: contentHash(Object.keys(said))(said),
  }
}
