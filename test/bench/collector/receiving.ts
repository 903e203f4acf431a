/** Receiving alone: from the socket to the fsynced log, and what the log holds in the end. */
import { ALLOCATOR_ENVIRONMENT, NODE_FLAGS } from '../../../scripts/node-memory.mjs'
import { type Child, startChild } from './child.ts'
import type { Prepared, ReceiverQuestion, SenderQuestion, Sent, StoredInLog, Usage } from './messages.ts'
import type { Sample } from './sample.ts'
import { requestsOf, type Sending } from './work.ts'

/** Requests under way at a time: enough that commits are shared. */
const IN_FLIGHT = 32

export interface Receiving {
  readonly pid: number
  measure(sending: Sending, large: number): Promise<Sample>
  /** Latencies in milliseconds of requests that come at a fixed rate. */
  pace(sending: Sending, requestsPerSecond: number, seconds: number): Promise<readonly number[]>
  /** Compares what was acked with what the log holds: a difference, or nothing. */
  difference(): Promise<string | undefined>
  loggedMib(): Promise<number>
  close(): Promise<void>
}

interface Settings {
  readonly sender: Child<SenderQuestion>
  readonly directory: string
  readonly execArgv: readonly string[]
  /** Tells requests apart. */
  readonly nextSalt: (requests: number) => number
}

const MIB = 1024 ** 2

export const startReceiving = async ({ sender, directory, execArgv, nextSalt }: Settings): Promise<Receiving> => {
  const receiver = await startChild<ReceiverQuestion>('receiver.ts', {
    argument: directory,
    execArgv: [...NODE_FLAGS, ...execArgv],
    environment: ALLOCATOR_ENVIRONMENT,
  })
  const urls = receiver.hello as { readonly http: string; readonly grpc: string }
  const acked = { requests: 0, spans: 0 }
  const usage = async (): Promise<Usage> => (await receiver.ask({ ask: 'usage' })) as Usage
  const stored = async (): Promise<StoredInLog> => (await receiver.ask({ ask: 'stored' })) as StoredInLog
  const prepare = async (sending: Sending, requests: number): Promise<Prepared> => {
    const url = urls[sending.transport]
    return (await sender.ask({ ask: 'prepare', url, sending, requests, salt: nextSalt(requests) })) as Prepared
  }
  const note = (requests: number, { spans }: Prepared): void => {
    acked.requests += requests
    acked.spans += spans
  }
  return {
    pid: receiver.pid,
    measure: async (sending, large) => {
      const requests = requestsOf(sending, large)
      const prepared = await prepare(sending, requests)
      const before = await usage()
      const sent = (await sender.ask({ ask: 'send', inFlight: IN_FLIGHT })) as Sent
      const after = await usage()
      note(requests, prepared)
      const { spans, bytes, wireBytes } = prepared
      return { spans, bytes, wireBytes, wallMs: sent.wallMs, cpuMs: after.cpuMs - before.cpuMs }
    },
    pace: async (sending, requestsPerSecond, seconds) => {
      const requests = Math.max(1, Math.round(requestsPerSecond * seconds))
      note(requests, await prepare(sending, requests))
      return ((await sender.ask({ ask: 'pace', requestsPerSecond })) as Sent).latenciesMs
    },
    difference: async () => {
      const { records, spans } = await stored()
      if (records === acked.requests && spans === acked.spans) return undefined
      return `acked ${acked.requests} requests of ${acked.spans} spans, the log holds ${records} of ${spans}`
    },
    loggedMib: async () => (await stored()).bytes / MIB,
    close: async () => {
      await receiver.ask({ ask: 'close' })
      await receiver.end()
    },
  }
}
