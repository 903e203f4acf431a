/** Runs one emitter in a process of its own and waits for its end. */
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface EmitterReport {
  /** Cases whose program threw. */
  readonly failures: readonly string[]
  /** Destinations beyond this machine that something tried to reach. */
  readonly refusedHosts: readonly string[]
}

export interface EmitterPlace {
  readonly collectorUrl: string
  readonly providerUrl: string
  /** Directory for compiled code: most of the libraries are shared, and loading them takes most of the time. */
  readonly codeCache: string
}

const script = `${import.meta.dirname}/child/main.ts`
const OUTPUT_SHOWN_MAX = 4_000

export const runEmitter = async (
  id: string,
  { collectorUrl, providerUrl, codeCache }: EmitterPlace,
): Promise<EmitterReport> => {
  const child = fork(script, [id, collectorUrl, providerUrl], {
    execArgv: [],
    // Nothing of the machine: no proxies, no keys, no switches of a tracing library.
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: codeCache },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => (output = (output + bytes.toString()).slice(-OUTPUT_SHOWN_MAX)))
  }
  let report: EmitterReport | undefined
  child.on('message', (message) => (report = message as EmitterReport))
  const [code] = (await once(child, 'close')) as [number | null]
  if (report === undefined || code !== 0) throw new Error(`${id} ended with ${code}:\n${output}`)
  return report
}
