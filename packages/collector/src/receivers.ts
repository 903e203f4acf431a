/** The two OTLP servers in front of one log, what encrypts them, and who may send to them. */
import { systemClock } from '@outlay/core'
import type { Registry } from 'prom-client'
import { type Admit, admitEverybody } from '#src/otlp/admission.ts'
import {
  createOtlpGrpcServer,
  createOtlpHttpServer,
  openReception,
  type OtlpServer,
  type Reception,
} from '#src/otlp/index.ts'
import { createReplaceableStripper, type StripOptions, type TraceStripper } from '#src/redact/index.ts'
import { TlsFiles } from '#src/tls/tls-files.ts'
import { createAuthenticator, TokenStore } from '#src/tokens/index.ts'
import type { Wal } from '#src/wal/index.ts'
import type { CollectorEvent, CollectorSettings, EndpointSettings, Redaction } from './collector-settings.ts'
import { bindOrExplain, hostInUrl, type Purpose } from './listen.ts'
import type { PipelineMetrics } from './telemetry/pipeline-metrics.ts'
import { registerQueues } from './telemetry/process-metrics.ts'
import { createReceiveMetrics } from './telemetry/receive-metrics.ts'

const HTTP: Purpose = { purpose: 'OTLP/HTTP', flag: '--otlp-port' }
const GRPC: Purpose = { purpose: 'OTLP/gRPC', flag: '--otlp-grpc-port' }
const AUTHORIZATION = 'authorization'

export interface Receivers {
  readonly url: string
  readonly grpcUrl: string | undefined
  /** Reads tokens and certificates again, and redacts as the settings say, if there are some. Never rejects. */
  reload(next?: Redaction): Promise<void>
  /** First all of them stop accepting, then their connections end. */
  close(): Promise<void>
}

interface ReceiversSettings {
  readonly settings: CollectorSettings
  readonly wal: Wal
  readonly registry: Registry
  readonly metrics: PipelineMetrics
  readonly onEvent: (event: CollectorEvent) => void
  /** What probes are told. */
  readonly isReady: () => boolean
}

interface Start extends ReceiversSettings {
  readonly stripper: TraceStripper
}

const stripOptionsOf = ({ redact, userKey }: Redaction): StripOptions => ({
  ...redact,
  ...(userKey === undefined ? {} : { userHashKey: userKey }),
})

/** What is open so far, in the order in which it is closed. */
interface Opened {
  readonly servers: OtlpServer[]
  /** Tokens and certificates. */
  readonly files: { reload(): Promise<void>; close(): void }[]
}

/** Fails with `E_TOKENS_FILE`, `E_TLS_FILES` or `E_PORT_IN_USE`; nothing listens then. */
export const startReceivers = async (start: ReceiversSettings): Promise<Receivers> => {
  const opened: Opened = { servers: [], files: [] }
  const { servers, files } = opened
  const stripper = createReplaceableStripper(stripOptionsOf(start.settings))
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.drain(start.settings.shutdown?.requestsMs)))
    await Promise.all(servers.map((server) => server.close()))
    for (const file of files) file.close()
  }
  try {
    const { url, grpcUrl } = await listenAll({ ...start, stripper }, opened)
    return {
      url,
      grpcUrl,
      reload: async (next) => {
        if (next !== undefined) stripper.replace(stripOptionsOf(next))
        await Promise.all(files.map((file) => file.reload()))
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const listenAll = async (start: Start, opened: Opened): Promise<Pick<Receivers, 'url' | 'grpcUrl'>> => {
  const { settings, wal, registry, stripper, onEvent } = start
  const { http, grpc, inFlightBytesMax, clock = systemClock } = settings
  const admitFor = await openAdmission(start, opened)
  const reception = await openReception({
    wal,
    stripper,
    ...(inFlightBytesMax === undefined ? {} : { inFlightBytesMax }),
    metrics: createReceiveMetrics(registry),
    clock,
    onInternalError: (error) => onEvent({ type: 'request_failed', error }),
  })
  registerQueues(registry, {
    turn: () => reception.turns.waitingBytes,
    commit: () => wal.stats().pendingBytes,
  })
  const listen = async (server: OtlpServer, endpoint: EndpointSettings, what: Purpose): Promise<string> => {
    const { port } = await bindOrExplain(endpoint, what, () => server.listen(endpoint))
    opened.servers.push(server)
    return `${endpoint.tls === undefined ? 'http' : 'https'}://${hostInUrl(endpoint.host)}:${port}`
  }
  const receptionOf = (endpoint: EndpointSettings): Reception => ({
    ...reception,
    admit: admitFor(endpoint),
    bodyBytesMax: endpoint.bodyBytesMax ?? reception.bodyBytesMax,
  })
  const httpServer = createOtlpHttpServer(receptionOf(http), {
    ...http,
    tls: await openTls(http, HTTP, { start, opened }),
  })
  const url = await listen(httpServer, http, HTTP)
  if (grpc === undefined) return { url, grpcUrl: undefined }
  const tls = await openTls(grpc, GRPC, { start, opened })
  const grpcServer = createOtlpGrpcServer(receptionOf(grpc), { ...grpc, tls, isReady: start.isReady })
  return { url, grpcUrl: await listen(grpcServer, grpc, GRPC) }
}

const openTls = async (
  { tls }: EndpointSettings,
  { purpose: endpoint }: Purpose,
  { start: { metrics, onEvent }, opened }: { readonly start: ReceiversSettings; readonly opened: Opened },
): Promise<TlsFiles | undefined> => {
  if (tls === undefined) return undefined
  const files = await TlsFiles.open({
    tls,
    endpoint,
    onEvent: (event) => {
      metrics.reloads.inc({ what: 'tls', result: event.type === 'tls_reloaded' ? 'ok' : 'refused' })
      onEvent(event)
    },
  })
  opened.files.push(files)
  return files
}

/** How an endpoint admits: by tokens, by the certificates that it checks, or everybody. */
const openAdmission = async (
  { settings, metrics, onEvent }: ReceiversSettings,
  { files }: Opened,
): Promise<(endpoint: EndpointSettings) => Admit> => {
  const { tokens: used, clock = systemClock } = settings
  const store =
    used &&
    (await TokenStore.open({
      ...used,
      onEvent: (event) => {
        metrics.reloads.inc({ what: 'tokens', result: event.type === 'tokens_reloaded' ? 'ok' : 'refused' })
        onEvent(event)
      },
    }))
  if (store !== undefined) files.push(store)
  const authenticator = createAuthenticator({
    tokens: store && (() => store.tokens),
    header: used?.header ?? AUTHORIZATION,
    clock,
  })
  return ({ tls }) => {
    const tenants = tls?.clientTenants ?? new Map<string, string>()
    return store === undefined && tenants.size === 0 ? admitEverybody() : authenticator(tenants)
  }
}
