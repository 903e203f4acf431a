/**
 * What each attribute key can mean to settlement, compiled from the tables: one look-up per attribute that a span has,
 * instead of one per key that it might have.
 */
import {
  type AliasEntry,
  type AliasIndex,
  PROVIDER_AND_MODEL_KEYS,
  PROVIDER_KEYS,
  REQUEST_MODEL_KEYS,
  REQUEST_TIER_KEYS,
  RESPONSE_ID_KEYS,
  RESPONSE_MODEL_KEYS,
  RESPONSE_TIER_KEYS,
} from './alias-chains.ts'
import { ANTHROPIC, OPENAI, OUTLAY, STANDARD } from './attribute-names.ts'
import {
  ATTRIBUTION_FIELDS,
  ATTRIBUTION_SOURCES,
  type AttributionField,
  type AttributionKeys,
  type AttributionSource,
} from './attribution-sources.ts'
import { COST_SOURCES } from './cost-sources.ts'
import { ROLE_VOICES, type RoleVoice } from './role-voices.ts'
import { RAW_USAGE_CARRIERS, USAGE_JSONS } from './usage-carriers.ts'

/** Texts of a span, each the first non-empty one under a chain of keys. Rules may lengthen the chain of the model. */
const TEXT_CHAINS = {
  requestModel: REQUEST_MODEL_KEYS,
  responseModel: RESPONSE_MODEL_KEYS,
  responseId: RESPONSE_ID_KEYS,
  provider: PROVIDER_KEYS,
  host: [STANDARD.SERVER_ADDRESS],
  responseTier: RESPONSE_TIER_KEYS,
  requestTier: REQUEST_TIER_KEYS,
  speed: [ANTHROPIC.RESPONSE_SPEED],
  apiType: [OPENAI.API_TYPE],
  region: [OUTLAY.REGION, ANTHROPIC.RESPONSE_INFERENCE_GEO],
  usageStatus: [OUTLAY.USAGE_STATUS],
  ownLeafId: [OUTLAY.LEAF_ID],
  genaiParentId: [OUTLAY.GENAI_PARENT_ID],
  promptTokens: [OUTLAY.LAYER_PROMPT_TOKENS],
  toolTokens: [OUTLAY.LAYER_TOOL_TOKENS],
  memoryTokens: [OUTLAY.LAYER_MEMORY_TOKENS],
  intendedModel: [OUTLAY.INTENDED_MODEL],
  overagePattern: [OUTLAY.OVERAGE_PATTERN],
  overageAction: [OUTLAY.OVERAGE_ACTION],
} as const satisfies Record<string, readonly string[]>

type ChainName = keyof typeof TEXT_CHAINS

const CHAIN_NAMES = Object.keys(TEXT_CHAINS) as readonly ChainName[]
/** Attribution comes first, so that a list of texts begins with what spans inherit. */
const TEXT_NAMES: readonly (AttributionField | ChainName)[] = [...ATTRIBUTION_FIELDS, ...CHAIN_NAMES]

/** Where each text stands in the list of a span's texts. */
export const TEXT = Object.fromEntries(TEXT_NAMES.map((name, place) => [name, place])) as {
  readonly [name in AttributionField | ChainName]: number
}

/** Matters that are looked into only where one of their keys is present; bits. */
export const TOPIC = { marker: 1, usageJson: 2, rawUsage: 4, cost: 8, batch: 16 } as const

export interface TextUse {
  /** As in `TEXT`. */
  readonly place: number
  /** Position in the chain; lower wins. */
  readonly order: number
  readonly source: AttributionSource
}

export interface RoleUse extends RoleVoice {
  /** Position among the voices; lower wins. */
  readonly order: number
}

export interface KeyUse {
  readonly counter: AliasEntry | undefined
  readonly role: RoleUse | undefined
  readonly texts: readonly TextUse[]
  /** Bits of `TOPIC`. */
  readonly topics: number
}

export type KeyIndex = ReadonlyMap<string, KeyUse>

/** What dialect rules and the operator add to the general tables. */
interface AddedKeys {
  readonly aliases: AliasIndex
  /** Instead of the general chain. */
  readonly requestModelKeys: readonly string[]
  readonly markerKeys: readonly string[]
  readonly attributionKeys: AttributionKeys
}

const spanKeys = (keys: readonly string[]): readonly AttributionSource[] => keys.map((key) => ({ key }))

const besideSlash = (slash: 'before' | 'after'): readonly AttributionSource[] =>
  PROVIDER_AND_MODEL_KEYS.map((key) => ({ key, slash }))

const chainSources = (name: ChainName, requestModelKeys: readonly string[]): readonly AttributionSource[] => {
  if (name === 'requestModel') return [...spanKeys(requestModelKeys), ...besideSlash('after')]
  return name === 'provider' ? [...spanKeys(PROVIDER_KEYS), ...besideSlash('before')] : spanKeys(TEXT_CHAINS[name])
}

const textSources = ({ requestModelKeys, attributionKeys }: AddedKeys): readonly (readonly AttributionSource[])[] => [
  ...ATTRIBUTION_FIELDS.map((field) => {
    const further = attributionKeys[field === 'subjectText' ? 'subject' : field === 'attemptText' ? 'attempt' : field]
    return [...ATTRIBUTION_SOURCES[field].sources, ...spanKeys(further ?? [])]
  }),
  ...CHAIN_NAMES.map((name) => chainSources(name, requestModelKeys)),
]

const topicKeys = (markerKeys: readonly string[]): readonly (readonly [topic: number, keys: readonly string[]])[] => {
  const keysOf = (sources: readonly { readonly key: string }[]) => sources.map(({ key }) => key)
  return [
    [TOPIC.marker, markerKeys],
    [TOPIC.usageJson, keysOf(USAGE_JSONS)],
    [TOPIC.rawUsage, keysOf(RAW_USAGE_CARRIERS)],
    [TOPIC.cost, keysOf(COST_SOURCES)],
    [TOPIC.batch, [OUTLAY.BATCH]],
  ]
}

export const buildKeyIndex = (added: AddedKeys): KeyIndex => {
  const index = new Map<string, KeyUse>()
  const add = (key: string, change: (use: KeyUse) => Partial<KeyUse>): void => {
    const use = index.get(key) ?? { counter: undefined, role: undefined, texts: [], topics: 0 }
    index.set(key, { ...use, ...change(use) })
  }
  for (const [key, counter] of added.aliases) add(key, () => ({ counter }))
  for (const [order, voice] of ROLE_VOICES.entries()) add(voice.key, () => ({ role: { ...voice, order } }))
  for (const [place, sources] of textSources(added).entries()) {
    for (const [order, source] of sources.entries()) {
      add(source.key, ({ texts }) => ({ texts: [...texts, { place, order, source }] }))
    }
  }
  for (const [topic, keys] of topicKeys(added.markerKeys)) {
    for (const key of keys) add(key, ({ topics }) => ({ topics: topics | topic }))
  }
  return index
}
