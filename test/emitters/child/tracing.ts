/** The tracing that an application would have: the newest OTel SDK with a real OTLP exporter. */
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { AttributionSpanProcessor, configureAttribution, OutlaySpanExporter } from '@outlay/instrumentation'
import type { AttributedBy } from '../emitter.ts'

export interface Tracing {
  /** Sends everything that has ended; rejects when the collector did not take it. */
  flush(): Promise<void>
}

const processorsFor = (attributedBy: AttributedBy, collectorUrl: string): SpanProcessor[] => {
  if (attributedBy === 'root_span') {
    return [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces` }) })]
  }
  configureAttribution({ onMissing: 'throw' })
  return [
    new AttributionSpanProcessor(),
    new BatchSpanProcessor({ exporter: new OutlaySpanExporter({ endpoint: collectorUrl }) }),
  ]
}

export const startTracing = (serviceName: string, attributedBy: AttributedBy, collectorUrl: string): Tracing => {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: processorsFor(attributedBy, collectorUrl),
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return { flush: () => provider.forceFlush() }
}
