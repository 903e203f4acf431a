/**
 * One version per span: of different versions the later end wins, then the one with more usage attributes, then the
 * larger content hash (spec: counters §11). Equal copies collapse to the earliest received.
 */
import { digest64 } from '@outlay/core'
import type { Attributes, SpanEvidence } from './evidence.ts'
import type { RuleMatcher } from './match-rule.ts'
import { countUsageAttributes } from './read-span-counters.ts'

export const chooseVersions = (spans: readonly SpanEvidence[], matcher: RuleMatcher): SpanEvidence[] => {
  const chosen = new Map<string, SpanEvidence>()
  for (const span of spans) {
    const other = chosen.get(span.spanId)
    chosen.set(span.spanId, other === undefined ? span : laterVersion(span, other, matcher))
  }
  return [...chosen.values()]
}

const laterVersion = (a: SpanEvidence, b: SpanEvidence, matcher: RuleMatcher): SpanEvidence => {
  if (a.endUnixNano !== b.endUnixNano) return a.endUnixNano > b.endUnixNano ? a : b
  const usageA = countUsageAttributes(a.attributes, matcher.match(a).rule)
  const usageB = countUsageAttributes(b.attributes, matcher.match(b).rule)
  if (usageA !== usageB) return usageA > usageB ? a : b
  const hashA = contentHash(a)
  const hashB = contentHash(b)
  if (hashA !== hashB) return hashA > hashB ? a : b
  return a.receivedUnixNano <= b.receivedUnixNano ? a : b
}

/** Over everything the sender wrote; not over when it arrived. */
const contentHash = (span: SpanEvidence): bigint =>
  digest64([
    span.parentSpanId,
    span.name,
    String(span.kind),
    String(span.statusCode),
    String(span.startUnixNano),
    String(span.endUnixNano),
    span.scopeName,
    span.scopeVersion,
    ...attributeParts(span.resource),
    '',
    ...attributeParts(span.attributes),
  ])

const attributeParts = (attributes: Attributes): string[] =>
  Object.keys(attributes)
    .sort()
    .flatMap((key) => [key, typeof attributes[key], String(attributes[key])])
