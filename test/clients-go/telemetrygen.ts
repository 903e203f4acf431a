/** Runs telemetrygen, as an app whose every span is a model call. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { LedgerSums } from '../harness/ledger-sums.ts'
import { pathOfProgram } from './built-programs.ts'

const RUN_MS_MAX = 60_000
const OUTPUT_MAX = 64 * 1024 ** 2
const [INPUT, OUTPUT] = [1_003, 107]

const OF_RESOURCE = ['service.name="telemetrygen"', 'outlay.tenant.id="acme"', 'outlay.feature="load"']
const OF_SPANS = [
  'outlay.workload="chat"',
  'gen_ai.operation.name="chat"',
  'gen_ai.provider.name="openai"',
  'gen_ai.request.model="gpt-5"',
  'gen_ai.response.model="gpt-5"',
  `gen_ai.usage.input_tokens=${INPUT}`,
  `gen_ai.usage.output_tokens=${OUTPUT}`,
]

export interface GeneratedLoad {
  readonly transport: 'http' | 'grpc'
  /** Base URL of the receiver. */
  readonly url: string
  readonly workers: number
  /** Of each worker. */
  readonly traces: number
  /** Below the root of each trace. Default 1, which is its least. */
  readonly childSpans?: number
  /** Spans of one export. By default it does not batch. */
  readonly batchSize?: number
}

export interface GeneratedSpans {
  readonly spans: number
  /** Those that are the leaves of their traces. */
  readonly leaves: number
}

/** Resolves with what was sent; rejects if any export failed. */
export const runTelemetrygen = async (load: GeneratedLoad): Promise<GeneratedSpans> => {
  const { transport, url, workers, traces, childSpans = 1, batchSize } = load
  const flags = [
    ['otlp-endpoint', new URL(url).host],
    ['otlp-insecure', true],
    ['otlp-http', transport === 'http'],
    ['workers', workers],
    ['traces', traces],
    ['child-spans', childSpans],
    ['batch', batchSize !== undefined],
    ...(batchSize === undefined ? [] : [['batch-size', batchSize]]),
    // As fast as it can.
    ['rate', 0],
    ...OF_RESOURCE.map((attribute) => ['otlp-attributes', attribute]),
    ...OF_SPANS.map((attribute) => ['telemetry-attributes', attribute]),
  ]
  const args = flags.map(([name, value]) => `--${String(name)}=${String(value)}`)
  await promisify(execFile)(pathOfProgram('telemetrygen'), ['traces', ...args], {
    timeout: RUN_MS_MAX,
    maxBuffer: OUTPUT_MAX,
    env: {},
  })
  const leaves = workers * traces * childSpans
  return { spans: workers * traces + leaves, leaves }
}

/** What the ledger must come to: roots have the same usage as their children, which are the calls. */
export const sumsOfGenerated = (calls: number): LedgerSums => ({
  charges: calls,
  meters: { input: INPUT * calls, output: OUTPUT * calls },
})
