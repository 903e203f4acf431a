/** Which attributes of a span settlement reads, and as what. For people who ask why a row says what it says. */
import {
  PROVIDER_AND_MODEL_KEYS,
  PROVIDER_KEYS,
  REQUEST_MODEL_KEYS,
  REQUEST_TIER_KEYS,
  RESPONSE_ID_KEYS,
  RESPONSE_MODEL_KEYS,
  RESPONSE_TIER_KEYS,
} from './alias-chains.ts'
import { ANTHROPIC, OPENAI, OUTLAY, STANDARD } from './attribute-names.ts'
import { ATTRIBUTION_FIELDS, ATTRIBUTION_SOURCES, type AttributionField } from './attribution-sources.ts'
import { ruleNamed } from './describe-rule.ts'
import type { Attributes, AttributeValue, SpanEvidence } from './evidence.ts'
import { chooseVersions } from './choose-version.ts'
import { ruleMatcherOf } from './match-rule.ts'
import { COST_SOURCES } from './cost-sources.ts'
import { AI_OPERATION_KEYS, SOURCES_AFTER_AI_SDK, SOURCES_BEFORE_AI_SDK } from './span-roles.ts'
import { RAW_USAGE_CARRIERS, USAGE_JSONS } from './usage-carriers.ts'

export interface AttributeUse {
  readonly on: 'span' | 'resource'
  readonly key: string
  readonly value: AttributeValue
  /** What the attribute may say: a counter, `usage object`, `role`, a selector, a field of the attribution, … */
  readonly readAs: readonly string[]
}

const keysOf = (sources: readonly { readonly key: string }[]): string[] => sources.map(({ key }) => key)

/** Fields of the attribution are named as the columns of the ledger. */
const useOf = (field: AttributionField): string =>
  field.replace(/Text$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const GENERAL: readonly (readonly [string, readonly string[]])[] = [
  ['usage object', [...keysOf(RAW_USAGE_CARRIERS), ...keysOf(USAGE_JSONS)]],
  ['usage status', [OUTLAY.USAGE_STATUS]],
  ['role', [...keysOf(SOURCES_BEFORE_AI_SDK), ...AI_OPERATION_KEYS, ...keysOf(SOURCES_AFTER_AI_SDK)]],
  ['provider', [...PROVIDER_KEYS, ...PROVIDER_AND_MODEL_KEYS]],
  ['host', [STANDARD.SERVER_ADDRESS]],
  ['request model', [...REQUEST_MODEL_KEYS, ...PROVIDER_AND_MODEL_KEYS]],
  ['response model', RESPONSE_MODEL_KEYS],
  ['response id', RESPONSE_ID_KEYS],
  ['service tier', [...RESPONSE_TIER_KEYS, ...REQUEST_TIER_KEYS]],
  ['batch', [OUTLAY.BATCH]],
  ['speed', [ANTHROPIC.RESPONSE_SPEED]],
  ['api type', [OPENAI.API_TYPE]],
  ['region', [OUTLAY.REGION, ANTHROPIC.RESPONSE_INFERENCE_GEO]],
  ['reported cost', keysOf(COST_SOURCES)],
  ['ancestor', [OUTLAY.GENAI_PARENT_ID]],
  ['degradation and overage', [OUTLAY.INTENDED_MODEL, OUTLAY.OVERAGE_PATTERN, OUTLAY.OVERAGE_ACTION]],
  ['layers', [OUTLAY.LAYER_PROMPT_TOKENS, OUTLAY.LAYER_TOOL_TOKENS, OUTLAY.LAYER_MEMORY_TOKENS]],
  ...ATTRIBUTION_FIELDS.map((field) => [useOf(field), keysOf(ATTRIBUTION_SOURCES[field].sources)] as const),
]

const OF_RESOURCE = ATTRIBUTION_FIELDS.map((field) => [useOf(field), ATTRIBUTION_SOURCES[field].resourceKeys] as const)

const usesByKey = (tables: typeof GENERAL): ReadonlyMap<string, readonly string[]> => {
  const uses = new Map<string, string[]>()
  for (const [use, keys] of tables) for (const key of keys) uses.set(key, [...(uses.get(key) ?? []), use])
  return uses
}

const GENERAL_USES = usesByKey(GENERAL)
const RESOURCE_USES = usesByKey(OF_RESOURCE)

const usesIn = (
  attributes: Attributes,
  on: AttributeUse['on'],
  readAsOf: (key: string) => readonly string[],
): AttributeUse[] =>
  Object.entries(attributes)
    .map(([key, value]) => ({ on, key, value, readAs: readAsOf(key) }))
    .filter(({ readAs }) => readAs.length > 0)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))

/** Those of the span by key, then those of its resource; without what nothing reads. */
export const attributeUsesOf = (span: SpanEvidence): readonly AttributeUse[] => {
  const { ruleId, aliases, requestModelKeys, parts } = ruleMatcherOf().match(span).rule
  const markers = new Set(
    ruleNamed(ruleId)?.match.flatMap(({ marker }) => [...(marker?.keys ?? []), ...Object.keys(marker?.values ?? {})]),
  )
  const ofRule = (key: string): string[] => {
    const counter = aliases.get(key)?.counter
    return [
      ...(counter === undefined ? [] : [counter]),
      ...(markers.has(key) ? ['dialect'] : []),
      ...(requestModelKeys.includes(key) && !REQUEST_MODEL_KEYS.includes(key) ? ['request model'] : []),
      ...parts.flatMap(({ part, inputKey, outputKey }) => (key === inputKey || key === outputKey ? [part] : [])),
    ]
  }
  return [
    ...usesIn(span.attributes, 'span', (key) => [...ofRule(key), ...(GENERAL_USES.get(key) ?? [])]),
    ...usesIn(span.resource, 'resource', (key) => RESOURCE_USES.get(key) ?? []),
  ]
}

/** Of the versions of one span, the one that settlement reads. */
export const settledVersionOf = (versions: readonly SpanEvidence[]): SpanEvidence | undefined =>
  chooseVersions(versions, ruleMatcherOf())[0]
