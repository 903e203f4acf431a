/** Runs an app that has the OpenTelemetry SDK for Go, and tells what it says of itself. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pathOfProgram } from './built-programs.ts'

/** Of the exporter's own limit of a minute, and the start. */
const RUN_MS_MAX = 100_000
const OUTPUT_MAX = 16 * 1024 ** 2

/** A text for each integer: JSON has not all of 64 bits. */
export type GoAttribute = { readonly key: string } & (
  | { readonly string: string }
  | { readonly int: string }
  | { readonly double: number }
  | { readonly bool: boolean }
  | { readonly strings: readonly string[] }
  | { readonly ints: readonly number[] }
  | { readonly doubles: readonly number[] }
  | { readonly bools: readonly boolean[] }
)

export interface SdkTask {
  readonly transport: 'http' | 'grpc'
  /** Base URL of the receiver. */
  readonly url: string
  readonly gzip?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Spans of one export. By default all. */
  readonly batchSize?: number
  readonly resource?: readonly GoAttribute[]
  /** The attributes of each span. */
  readonly spans: readonly (readonly GoAttribute[])[]
}

export interface SdkReport {
  readonly sent: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly startUnixNano: string
    readonly endUnixNano: string
  }[]
  /** Of its exporters, of ForceFlush and of Shutdown. */
  readonly errors: readonly string[]
}

export const runSdkSender = async ({ url, ...task }: SdkTask): Promise<SdkReport> => {
  const asked = { gzip: false, headers: {}, batchSize: task.spans.length, resource: [], ...task }
  const running = promisify(execFile)(pathOfProgram('sdk-sender'), [], {
    timeout: RUN_MS_MAX,
    maxBuffer: OUTPUT_MAX,
    // None of the variables that would configure the SDK from outside.
    env: {},
  })
  running.child.stdin?.end(JSON.stringify({ ...asked, endpoint: new URL(url).host }))
  const { stdout } = await running
  return JSON.parse(stdout) as SdkReport
}
