/** OpenInference's processors for the AI SDK: they write their own names beside those on the span. */
import { type CaseId, casesUnder, prefixOf } from '../cases.ts'
import type { Emitter, Setting, Sight } from '../emitter.ts'
import { sight6, start6, start7 } from './ai-sdk.ts'

const CASES = (['chat', 'responses', 'embeddings', 'messages'] as const).flatMap((prefix) =>
  casesUnder(prefix, ['agent']),
)

const exporterTo = async ({ collectorUrl }: Setting) => {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto')
  return new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces` })
}

const vercel7: Emitter = {
  id: 'openinference-vercel-ai-7',
  packages: ['@arizeai/openinference-vercel', 'ai-7', '@ai-sdk/otel'],
  attributedBy: 'root_span',
  cases: CASES,
  sight: (id: CaseId): Sight => (prefixOf(id) === 'embeddings' ? { cacheSplit: 'unknown' } : {}),
  exportedBy: async (setting) => {
    const { OpenInferenceBatchSpanProcessor } = await import('@arizeai/openinference-vercel')
    return new OpenInferenceBatchSpanProcessor({ exporter: await exporterTo(setting) })
  },
  // As its README asks for.
  start: () => start7('OpenTelemetry', { usage: true, providerMetadata: true, embedding: true, headers: true }),
}

const vercel6: Emitter = {
  id: 'openinference-vercel-ai-6',
  packages: ['@arizeai/openinference-vercel-2', 'ai-6'],
  attributedBy: 'root_span',
  cases: CASES,
  sight: sight6,
  exportedBy: async (setting) => {
    const { OpenInferenceBatchSpanProcessor } = await import('@arizeai/openinference-vercel-2')
    return new OpenInferenceBatchSpanProcessor({ exporter: await exporterTo(setting) })
  },
  start: () => start6({}),
}

export const OPENINFERENCE_VERCEL_EMITTERS: readonly Emitter[] = [vercel7, vercel6]
