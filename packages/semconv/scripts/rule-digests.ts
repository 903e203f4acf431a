/** Digests of everything that is data in the reading of spans: what has a revision, and what has only the version. */
import { createHash } from 'node:crypto'
import {
  ALIAS_CHAINS,
  PROVIDER_AND_MODEL_KEYS,
  PROVIDER_KEYS,
  REQUEST_MODEL_KEYS,
  REQUEST_TIER_KEYS,
  RESPONSE_ID_KEYS,
  RESPONSE_MODEL_KEYS,
  RESPONSE_TIER_KEYS,
} from '#src/alias-chains.ts'
import { ATTRIBUTION_SOURCES } from '#src/attribution-sources.ts'
import { COST_SOURCES } from '#src/cost-sources.ts'
import { DIALECT_RULES } from '#src/dialect-rules.ts'
import { RAW_SHAPES, SHAPES_BY_KEYS, SHAPES_OF_PROVIDER } from '#src/raw-shapes.ts'
import { NAMES_LAST, SOURCES_AFTER_AI_SDK, SOURCES_BEFORE_AI_SDK } from '#src/span-roles.ts'
import { RAW_USAGE_CARRIERS, USAGE_JSONS } from '#src/usage-carriers.ts'

const DIGEST_DIGITS = 16

const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, (_, each: unknown) => (each instanceof Map ? [...each] : each)))
    .digest('hex')
    .slice(0, DIGEST_DIGITS)

/** Tables without revisions of their own. */
const TABLES = {
  aliases: [
    ALIAS_CHAINS,
    REQUEST_MODEL_KEYS,
    RESPONSE_MODEL_KEYS,
    RESPONSE_ID_KEYS,
    PROVIDER_KEYS,
    PROVIDER_AND_MODEL_KEYS,
  ],
  attribution: ATTRIBUTION_SOURCES,
  carriers: [RAW_USAGE_CARRIERS, USAGE_JSONS],
  costs: COST_SOURCES,
  roles: [SOURCES_BEFORE_AI_SDK, SOURCES_AFTER_AI_SDK, NAMES_LAST],
  selectors: [RESPONSE_TIER_KEYS, REQUEST_TIER_KEYS],
  shapes: [RAW_SHAPES, [...SHAPES_OF_PROVIDER], SHAPES_BY_KEYS],
}

export interface RuleDigests {
  /** By `id@rev`. */
  readonly rules: Readonly<Record<string, string>>
  readonly tables: Readonly<Record<string, string>>
}

export const ruleDigests = (): RuleDigests => ({
  rules: Object.fromEntries(DIALECT_RULES.map((rule) => [`${rule.id}@${rule.rev}`, digestOf(rule)])),
  tables: Object.fromEntries(Object.entries(TABLES).map(([name, table]) => [name, digestOf(table)])),
})
