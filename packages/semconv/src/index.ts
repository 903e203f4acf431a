export { type AttributeUse, attributeUsesOf, settledVersionOf } from './attribute-uses.ts'
export { ANTHROPIC, GEN_AI, OPENAI, OUTLAY, OWN_SCOPE_NAME, REQUIRED_ATTRIBUTES, STANDARD } from './attribute-names.ts'
export type { AttributionKeys } from './attribution-sources.ts'
export { type AttributeKeyClass, classifyAttributeKey } from './classify-attribute-key.ts'
export { ATTRIBUTE_KEYS_VERSION, CONTENT_CARRIERS } from './content-carriers.ts'
export type { Counter, Counters } from './counters.ts'
export { describeMatch, describeMeaning, describeOverrides, ruleNamed } from './describe-rule.ts'
export type { DialectRule, RuleMarker, RuleMatch, RuleMeaning, RuleOverrides, SpanRole } from './dialect-rule.ts'
export { DIALECT_RULES, RULES_VERSION } from './dialect-rules.ts'
export type {
  Attributes,
  AttributeValue,
  BillableReason,
  CacheSplit,
  CallAttribution,
  CallControl,
  CallKey,
  Inclusion,
  LayerTokens,
  ListedDisposition,
  ListedSpan,
  ListedSubject,
  PriceSelectors,
  SettledCall,
  SpanEvidence,
  TraceSettlement,
  UsageStatus,
} from './evidence.ts'
export { QUALITY_FLAGS, type QualityFlag } from './flags.ts'
export { FLAG_MEANINGS } from './flag-meanings.ts'
export { isGenAiSpan, type SpanHead, speaksOwnDialect, type ToolCall, toolCallOf } from './genai-span.ts'
export { KNOWN_KEY_PREFIXES, KNOWN_KEYS } from './known-attribute-keys.ts'
export { foldProvider, providerOfHost } from './providers.ts'
export type { RawShapeId } from './raw-shape.ts'
export { type RawUsagePart, type RawUsageReading, readRawUsage } from './read-raw-usage.ts'
export type { RawUsageHint } from './recognise-raw-shape.ts'
export { type SettleOptions, settleTrace } from './settle-trace.ts'
export { USAGE_JSON_SUBTREES } from './usage-carriers.ts'
export type { StreamApi } from './stream-rules.ts'
export { createStreamedUsage, type StreamedUsage } from './streamed-usage.ts'
