/** A stock OpenTelemetry Collector in a process of its own: an OTLP receiver of both transports, batches, one exporter. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tempDir } from '@outlay/testkit'
import { onTestFinished, vi } from 'vitest'
import { pathOfProgram } from './built-programs.ts'

const START_MS_MAX = 30_000
const BATCH = { send_batch_size: 20, send_batch_max_size: 20, timeout: '20ms' }

interface LogLine {
  readonly msg?: string
  readonly endpoint?: string
  /** Of the debug exporter: how many spans it got at once. */
  readonly spans?: number
}

export interface StockCollector {
  readonly urls: Readonly<Record<'http' | 'grpc', string>>
  /** What its debug exporter has got so far. */
  debuggedSpans(): number
}

const configOf = (exporter: Readonly<Record<string, unknown>>): object => ({
  receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } },
  processors: { batch: BATCH },
  exporters: exporter,
  service: {
    telemetry: { metrics: { level: 'none' }, logs: { encoding: 'json' } },
    pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: Object.keys(exporter) } },
  },
})

/** Only inside a test, at whose end it is gone. `exporter`: its name and settings. */
export const startStockCollector = async (exporter: Readonly<Record<string, unknown>>): Promise<StockCollector> => {
  const directory = tempDir()
  onTestFinished(() => directory.remove())
  const config = `${directory.path}/config.yaml`
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configOf(exporter)))
  const child = spawn(pathOfProgram('stock-collector'), ['--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines: LogLine[] = []
  const texts: string[] = []
  createInterface({ input: child.stderr }).on('line', (text) => {
    texts.push(text)
    if (text.startsWith('{')) lines.push(JSON.parse(text) as LogLine)
  })
  const endpointOf = (start: string): string => lines.find(({ msg }) => msg === start)?.endpoint ?? ''
  await vi.waitUntil(
    () => {
      if (child.exitCode !== null) throw new Error(`the stock Collector ended: ${texts.join('\n')}`)
      return lines.some(({ msg }) => msg?.startsWith('Everything is ready'))
    },
    { timeout: START_MS_MAX, interval: 20 },
  )
  return {
    urls: {
      http: `http://${endpointOf('Starting HTTP server')}`,
      grpc: `http://${endpointOf('Starting GRPC server')}`,
    },
    debuggedSpans: () => lines.filter(({ msg }) => msg === 'Traces').reduce((sum, { spans = 0 }) => sum + spans, 0),
  }
}
