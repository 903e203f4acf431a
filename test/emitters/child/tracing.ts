/**
 * The tracing that an application would have: the OTel SDK of the generation that the emitters ask for, with a real OTLP
 * exporter. Our own processor and exporter are made with the next generation and work with both.
 */
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { AttributionSpanProcessor, configureAttribution, OutlaySpanExporter } from '@outlay/instrumentation'
import type { Emitter, Setting } from '../emitter.ts'

export interface Tracing {
  /** Sends everything that has ended; rejects when the collector did not take it. */
  flush(): Promise<void>
}

const exporting = ({ attributedBy }: Emitter, collectorUrl: string): SpanProcessor =>
  new BatchSpanProcessor(
    attributedBy === 'processor'
      ? new OutlaySpanExporter({ endpoint: collectorUrl })
      : new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces` }),
  )

export const startTracing = async (emitter: Emitter, setting: Setting): Promise<Tracing> => {
  const ownWay = await emitter.exportedBy?.(setting)
  const exporter = ownWay ?? exporting(emitter, setting.collectorUrl)
  const isStamped = emitter.attributedBy === 'processor'
  if (isStamped) configureAttribution({ onMissing: 'throw' })
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': emitter.id }),
    spanProcessors: isStamped ? [new AttributionSpanProcessor(), exporter] : [exporter],
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return { flush: () => provider.forceFlush() }
}
