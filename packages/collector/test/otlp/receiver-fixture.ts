import {
  createOtlpGrpcServer,
  createOtlpHttpServer,
  noReceiveMetrics,
  openReception,
  type OtlpGrpcSettings,
  type OtlpHttpSettings,
  type OtlpServer,
  type ReceptionSettings,
} from '#src/otlp/index.ts'
import type { TlsFiles } from '#src/tls/tls-files.ts'
import type { Wal, WalSettings } from '#src/wal/index.ts'
import { openTestWal, readAll, TemporaryDirectory } from '../wal/wal-fixture.ts'
import { decodeMessage, type Plain } from './otlp-schema.ts'

/** A log with a receiver in front of it, on a free port. */
export interface Receiver extends AsyncDisposable {
  readonly port: number
  readonly wal: Wal
  readonly server: OtlpServer
  readonly grpc: OtlpServer
  readonly directory: string
  /** A second transport into the same log; answers its port. */
  listenGrpc(): Promise<number>
  /** What the receiver counted, as `name label…`. */
  readonly counted: Map<string, number>
}

export type ReceiverSettings = Partial<ReceptionSettings> & {
  readonly log?: Partial<WalSettings>
  readonly at?: string
  /** Of both transports. */
  readonly tls?: TlsFiles
  readonly http?: OtlpHttpSettings
  readonly grpc?: OtlpGrpcSettings
}

export const startReceiver = async ({
  log,
  at,
  tls,
  http,
  grpc: grpcSettings,
  ...settings
}: ReceiverSettings = {}): Promise<Receiver> => {
  const directory = await TemporaryDirectory.create()
  const wal = await openTestWal(at ?? directory.path, { segmentBytes: 1024 * 1024, ...log })
  const counted = new Map<string, number>()
  const count = (name: string, by = 1): void => {
    if (by !== 0) counted.set(name, (counted.get(name) ?? 0) + by)
  }
  const reception = await openReception({
    wal,
    metrics: {
      ...noReceiveMetrics,
      requestFinished: ({ transport, encoding, code }) =>
        count(`request ${transport === 'grpc' ? 'grpc' : encoding} ${code}`),
      refused: (reason) => count(`refused ${reason}`),
      spansReceived: (spans) => count('received', spans),
      spansDuplicate: (spans) => count('duplicate', spans),
      spansRejected: (reason, spans) => count(`rejected ${reason}`, spans),
      redacted: (counts) => Object.entries(counts).forEach(([name, by]) => count(`redacted ${name}`, by)),
      inFlightBytes: (bytes) => counted.set('in flight', bytes),
    },
    onInternalError: (error) => {
      throw error
    },
    ...settings,
  })
  const server = createOtlpHttpServer(reception, { ...http, tls })
  const grpc = createOtlpGrpcServer(reception, { ...grpcSettings, tls })
  const anyPort = { host: '127.0.0.1', port: 0 }
  const { port } = await server.listen(anyPort)
  return {
    port,
    wal,
    server,
    counted,
    directory: at ?? directory.path,
    grpc,
    listenGrpc: async () => (await grpc.listen(anyPort)).port,
    [Symbol.asyncDispose]: async () => {
      await grpc.close()
      await server.close()
      await wal.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}

/** Names of all spans in the log. */
export const loggedSpans = async (wal: Wal): Promise<string[]> => {
  const names: string[] = []
  for (const { body } of await readAll(wal)) {
    const { resourceSpans } = decodeMessage('ExportTraceServiceRequest', body) as { resourceSpans: Plain[] }
    for (const { scopeSpans } of resourceSpans as { scopeSpans: { spans?: { name?: string }[] }[] }[]) {
      for (const { spans } of scopeSpans) names.push(...(spans ?? []).map(({ name }) => name ?? ''))
    }
  }
  return names
}
