/** Counters of any provider's usage object as the conventions name them: the input holds the caches, the output the reasoning. */
import type { Attributes } from '@opentelemetry/api'
import { type Counters, type RawUsageHint, readRawUsage } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import { put } from './attributes.ts'

/** Adds what the object reports; nothing for an object of no known shape. */
export const putRawCounters = (attributes: Attributes, usage: object, hint: RawUsageHint): void => {
  const reading = readRawUsage(hint, usage)
  if (reading === undefined) return
  const { counters, inputReported, inputTotal, outputReported, outputTotal } = reading
  put(attributes, ATTR.inputTokens, inputReported ? inputTotal : undefined)
  put(attributes, ATTR.outputTokens, outputReported ? outputTotal : undefined)
  put(attributes, ATTR.cacheReadTokens, counters.cacheRead)
  const written = counters.cacheWrite ?? (knownTtls(counters) ? cacheWritesByTtl(counters) : undefined)
  put(attributes, ATTR.cacheWriteTokens, written)
  put(attributes, ATTR.cacheCreationTokens, written)
  put(attributes, ATTR.anthropicWrite5mTokens, counters.write5m)
  put(attributes, ATTR.anthropicWrite1hTokens, counters.write1h)
  put(attributes, ATTR.reasoningTokens, counters.reasoning)
  put(attributes, ATTR.audioInputTokens, counters.audioInput)
  put(attributes, ATTR.imageInputTokens, counters.imageInput)
  put(attributes, ATTR.audioOutputTokens, counters.audioOutput)
}

const knownTtls = ({ write5m, write30m, write1h, write12h }: Counters): boolean =>
  [write5m, write30m, write1h, write12h].some((count) => count !== undefined)

const cacheWritesByTtl = ({ write5m = 0, write30m = 0, write1h = 0, write12h = 0 }: Counters): number =>
  write5m + write30m + write1h + write12h
