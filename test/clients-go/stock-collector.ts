/** A stock OpenTelemetry Collector for one test: an OTLP receiver of both transports, small batches, one exporter. */
import { tempDir } from '@outlay/testkit'
import { onTestFinished } from 'vitest'
import { pathOfProgram } from './built-programs.ts'
import { launchStockCollector } from './collector-process.ts'

const BATCH = { send_batch_size: 20, send_batch_max_size: 20, timeout: '20ms' }

export interface StockCollector {
  readonly urls: Readonly<Record<'http' | 'grpc', string>>
  /** What its debug exporter has got so far. */
  debuggedSpans(): number
}

/** Only inside a test, at whose end it is gone. `exporters`: one, its settings by its name. */
export const startStockCollector = async (exporters: Readonly<Record<string, object>>): Promise<StockCollector> => {
  const directory = tempDir()
  onTestFinished(() => directory.remove())
  const collector = await launchStockCollector({
    binary: pathOfProgram('stock-collector'),
    directory: directory.path,
    pipeline: { processors: { batch: BATCH }, exporters },
  })
  onTestFinished(() => collector.end('SIGKILL'))
  return {
    urls: collector.urls,
    debuggedSpans: () =>
      collector.lines.filter(({ msg }) => msg === 'Traces').reduce((sum, { spans = 0 }) => sum + spans, 0),
  }
}
