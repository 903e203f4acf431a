import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OutlayError } from '@outlay/core'
import { isGenAiSpan } from './genai-span.ts'
import type { EndedSpan, SpanExportResult } from './sdk-span.ts'
import { stripSpan } from './strip-span.ts'

export interface OutlaySpanExporterOptions {
  /** Base URL of the collector, e.g. `http://127.0.0.1:4318`; `/v1/traces` is appended. */
  readonly endpoint: string
  /** Sent with every export, e.g. `{ authorization: 'Bearer ok_…' }`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How long one batch is tried, retries included. Default 30,000. */
  readonly exportTimeoutMs?: number | undefined
}

export const EXPORT_TIMEOUT_MS = 30_000

/**
 * Sends GenAI spans, and only those, to the Outlay collector, stripped of content. It goes beside an exporter that
 * you have: `new BatchSpanProcessor(new OutlaySpanExporter({ endpoint }))`, from SDK 3.0 on
 * `new BatchSpanProcessor({ exporter: new OutlaySpanExporter({ endpoint }) })`.
 * Fails with `E_ENDPOINT` on an endpoint that is no http(s) URL. A batch that the collector does not take within
 * the timeout is reported as failed to the processor.
 */
export class OutlaySpanExporter {
  readonly #target: OTLPTraceExporter

  constructor({ endpoint, headers, exportTimeoutMs }: OutlaySpanExporterOptions) {
    this.#target = new OTLPTraceExporter({
      url: tracesUrlOf(endpoint),
      timeoutMillis: exportTimeoutMs ?? EXPORT_TIMEOUT_MS,
      ...(headers === undefined ? {} : { headers: { ...headers } }),
    })
  }

  export(spans: EndedSpan[], resultCallback: (result: SpanExportResult) => void): void {
    const outgoing = spans.filter(isGenAiSpan).map(stripSpan)
    if (outgoing.length === 0) resultCallback({ code: ExportResultCode.SUCCESS })
    else this.#target.export(outgoing, resultCallback)
  }

  async forceFlush(): Promise<void> {
    await this.#target.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#target.shutdown()
  }
}

const TRACES_PATH = '/v1/traces'

const tracesUrlOf = (endpoint: string): string => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new OutlayError('E_ENDPOINT', 'the collector endpoint is not a URL', {
      got: JSON.stringify(endpoint),
      want: 'a base URL such as http://127.0.0.1:4318',
      fix: 'pass endpoint to registerOutlay() or OutlaySpanExporter',
    })
  }
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith(TRACES_PATH) ? path : `${path}${TRACES_PATH}`
  return url.href
}
