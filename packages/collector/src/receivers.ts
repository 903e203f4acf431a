/** The two OTLP servers in front of one log, and who may send to them. */
import type { Registry } from 'prom-client'
import { systemClock } from '@outlay/core'
import { type Admit, admitEverybody } from '#src/otlp/admission.ts'
import { createOtlpGrpcServer, createOtlpHttpServer, openReception, type OtlpServer } from '#src/otlp/index.ts'
import { createTraceStripper } from '#src/redact/index.ts'
import { createAuthenticator, TokenStore } from '#src/tokens/index.ts'
import type { Wal } from '#src/wal/index.ts'
import type { CollectorEvent, CollectorSettings } from './collector-settings.ts'
import { type Address, bindOrExplain, type Purpose } from './listen.ts'
import type { PipelineMetrics } from './telemetry/pipeline-metrics.ts'
import { createReceiveMetrics } from './telemetry/receive-metrics.ts'

const HTTP: Purpose = { purpose: 'OTLP/HTTP', flag: '--otlp-port' }
const GRPC: Purpose = { purpose: 'OTLP/gRPC', flag: '--otlp-grpc-port' }
const AUTHORIZATION = 'authorization'

export interface Receivers {
  readonly url: string
  readonly grpcUrl: string | undefined
  /** Reads the tokens again. Never rejects. */
  reload(): Promise<void>
  /** First all of them stop accepting, then their connections end. */
  close(): Promise<void>
}

interface ReceiversSettings {
  readonly settings: CollectorSettings
  readonly wal: Wal
  readonly registry: Registry
  readonly metrics: PipelineMetrics
  readonly onEvent: (event: CollectorEvent) => void
}

/** Fails with `E_TOKENS_FILE` or `E_PORT_IN_USE`; nothing listens then. */
export const startReceivers = async (start: ReceiversSettings): Promise<Receivers> => {
  const { settings, wal, registry, onEvent } = start
  const tokens = await openTokens(start)
  const servers: OtlpServer[] = []
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.drain()))
    await Promise.all(servers.map((server) => server.close()))
    tokens?.close()
  }
  const listen = async (server: OtlpServer, address: Address, what: Purpose): Promise<string> => {
    const { port } = await bindOrExplain(address, what, () => server.listen(address))
    servers.push(server)
    return `http://${address.host}:${port}`
  }
  try {
    const reception = await openReception({
      wal,
      stripper: createTraceStripper(settings.userKey === undefined ? {} : { userHashKey: settings.userKey }),
      metrics: createReceiveMetrics(registry),
      clock: settings.clock ?? systemClock,
      admit: admitOf(settings, tokens),
      onInternalError: (error) => onEvent({ type: 'request_failed', error }),
    })
    const url = await listen(createOtlpHttpServer(reception), settings.http, HTTP)
    const grpcUrl = settings.grpc && (await listen(createOtlpGrpcServer(reception), settings.grpc, GRPC))
    return { url, grpcUrl, reload: async () => tokens?.reload(), close }
  } catch (error) {
    await close()
    throw error
  }
}

const openTokens = async ({ settings, metrics, onEvent }: ReceiversSettings): Promise<TokenStore | undefined> => {
  if (settings.tokens === undefined) return undefined
  const { file, reloadIntervalMs } = settings.tokens
  return TokenStore.open({
    file,
    ...(reloadIntervalMs === undefined ? {} : { reloadIntervalMs }),
    onEvent: (event) => {
      metrics.reloads.inc({ what: 'tokens', result: event.type === 'tokens_reloaded' ? 'ok' : 'refused' })
      onEvent(event)
    },
  })
}

const admitOf = ({ tokens: used, clock = systemClock }: CollectorSettings, tokens: TokenStore | undefined): Admit => {
  if (tokens === undefined) return admitEverybody()
  return createAuthenticator({
    tokens: () => tokens.tokens,
    header: used?.header ?? AUTHORIZATION,
    certificateTenants: new Map(),
    clock,
  })
}
