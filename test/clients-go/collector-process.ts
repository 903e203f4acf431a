/** A stock OpenTelemetry Collector in a process of its own, on ports that it picks and tells in its log. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** What its log says, as far as anyone asks. */
export interface LogLine {
  readonly level?: string
  readonly msg?: string
  readonly endpoint?: string
  readonly error?: string
  /** Of the debug exporter: how many spans it got at once. */
  readonly spans?: number
}

/** By component, as in its configuration; there is one pipeline, of traces. */
export interface StockPipeline {
  readonly processors: Readonly<Record<string, object>>
  readonly exporters: Readonly<Record<string, object>>
  readonly extensions?: Readonly<Record<string, object>>
}

export interface CollectorProcess {
  readonly pid: number
  readonly urls: Readonly<Record<'http' | 'grpc', string>>
  /** All so far. */
  readonly lines: readonly LogLine[]
  /** SIGTERM asks for a flush, SIGKILL for none; resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

interface Launch {
  readonly binary: string
  /** Made where it is not there; holds the configuration. */
  readonly directory: string
  readonly pipeline: StockPipeline
}

const ANY_PORT = { endpoint: '127.0.0.1:0' }

const configOf = ({ processors, exporters, extensions = {} }: StockPipeline): object => ({
  receivers: { otlp: { protocols: { grpc: ANY_PORT, http: ANY_PORT } } },
  processors,
  exporters,
  extensions,
  service: {
    telemetry: { metrics: { level: 'none' }, logs: { encoding: 'json' } },
    extensions: Object.keys(extensions),
    pipelines: {
      traces: { receivers: ['otlp'], processors: Object.keys(processors), exporters: Object.keys(exporters) },
    },
  },
})

/** Rejects, with what it said, if it ends before it listens. */
export const launchStockCollector = async ({ binary, directory, pipeline }: Launch): Promise<CollectorProcess> => {
  mkdirSync(directory, { recursive: true })
  const config = `${directory}/config.yaml`
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configOf(pipeline)))
  const child = spawn(binary, ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'], env: {} })
  const exited = once(child, 'exit')
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const lines: LogLine[] = []
  const texts: string[] = []
  const ready = Promise.withResolvers<undefined>()
  createInterface({ input: child.stderr }).on('line', (text) => {
    texts.push(text)
    if (!text.startsWith('{')) return
    const line = JSON.parse(text) as LogLine
    lines.push(line)
    if (line.msg?.startsWith('Everything is ready')) ready.resolve(undefined)
  })
  child.once('exit', () => {
    process.off('exit', kill)
    ready.reject(new Error(`the stock Collector ended: ${texts.join('\n')}`))
  })
  await ready.promise
  const urlOf = (start: string): string => `http://${lines.find(({ msg }) => msg === start)?.endpoint ?? ''}`
  return {
    pid: child.pid ?? 0,
    urls: { http: urlOf('Starting HTTP server'), grpc: urlOf('Starting GRPC server') },
    lines,
    end: async (signal) => {
      child.kill(signal)
      await exited
    },
  }
}
