/**
 * The way out of the process: GenAI spans wait here, off the hot path, until a batch is sent.
 * Invariant: waiting + exported + dropped + failed = accepted. Nothing is lost without being counted.
 */
import { diag, TraceFlags } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { limits } from '@outlay/core'
import type { ExportStats } from './export-stats.ts'
import { isGenAiSpan } from './genai-span.ts'

export interface SpanQueueOptions {
  readonly exporter: SpanExporter
  readonly exportTimeoutMs: number
  readonly exportIntervalMs: number
}

export class SpanQueue implements SpanProcessor {
  readonly #batches: BatchSpanProcessor
  readonly #exporter: SpanExporter
  #waiting = 0
  #exported = 0
  #dropped = 0
  #failed = 0

  constructor({ exporter, exportTimeoutMs, exportIntervalMs }: SpanQueueOptions) {
    this.#exporter = exporter
    this.#batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) => exporter.export(spans, (result) => this.#settle(spans.length, result, done)),
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: limits.instrumentation.exportQueueSpansMax,
      maxExportBatchSize: limits.instrumentation.exportBatchSpansMax,
      scheduledDelayMillis: exportIntervalMs,
      // The exporter has its own deadline; this one only guards against an exporter that never calls back.
      exportTimeoutMillis: exportTimeoutMs * 2,
    })
  }

  get stats(): ExportStats {
    return { waiting: this.#waiting, exported: this.#exported, dropped: this.#dropped, failed: this.#failed }
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (!isGenAiSpan(span) || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return
    if (this.#waiting >= limits.instrumentation.exportQueueSpansMax) {
      this.#dropped += 1
      // Once per power of two: loud at first, then without flooding the log.
      if (Number.isInteger(Math.log2(this.#dropped))) {
        diag.error(
          `outlay: the export queue is full, ${this.#dropped} spans dropped so far: is the collector reachable?`,
        )
      }
      return
    }
    this.#waiting += 1
    this.#batches.onEnd(span)
  }

  async forceFlush(): Promise<void> {
    await this.#batches.forceFlush()
    // A batch that its timer has sent is with the exporter: the processor does not wait for that one.
    await this.#exporter.forceFlush?.()
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown()
  }

  #settle(count: number, result: ExportResult, done: (result: ExportResult) => void): void {
    this.#waiting -= count
    if (result.code === ExportResultCode.SUCCESS) this.#exported += count
    else {
      this.#failed += count
      diag.error(`outlay: ${count} spans were not accepted by the collector and are lost`)
    }
    done(result)
  }
}
