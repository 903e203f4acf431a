/** Configuration → settings of a collector: the one place that knows both names of a thing. */
import { resolve } from 'node:path'
import type { CollectorSettings, EndpointSettings } from '#src/collector-settings.ts'
import type { ConfigValues } from './config-keys.ts'

/** What the configuration says nothing about comes from whoever starts the collector. */
export type ConfiguredSettings = Omit<CollectorSettings, 'client' | 'book' | 'admin' | 'onEvent'>

interface Places {
  /** Relative paths are meant from here. */
  readonly cwd: string
  /** Where the log is without a word about it. */
  readonly walDirectory: string
}

const MIB = 2 ** 20

export const collectorSettingsOf = (values: ConfigValues, { cwd, walDirectory }: Places): ConfiguredSettings => {
  const { walDirectory: configured, tokensFile, redactUserKey } = values
  return {
    database: values.database,
    walDirectory: configured === undefined ? walDirectory : resolve(cwd, configured),
    wal: {
      bytesMax: values.walBytesMax,
      segmentBytes: values.walSegmentBytes,
      reserveBytes: values.walReserveBytes,
      retainAfterAckMs: values.walRetain,
    },
    http: {
      ...values.httpEndpoint,
      ...tlsOf(values.http, cwd),
      bodyBytesMax: values.httpBodyBytesMax,
      tracePath: values.httpPath,
      encodings: values.httpEncodings.map((name) => (name === '' ? 'identity' : name)),
      timeouts: {
        headersMs: values.httpHeaderTimeout,
        requestMs: values.httpReadTimeout,
        idleMs: values.httpIdleTimeout,
      },
      ...corsOf(values),
    },
    grpc: {
      ...values.grpcEndpoint,
      ...tlsOf(values.grpc, cwd),
      bodyBytesMax: values.grpcMessageMib * MIB,
      connections: {
        streamsMax: values.grpcStreamsMax,
        ageMsMax: values.grpcAgeMax,
        ageGraceMs: values.grpcAgeGrace,
        idleMsMax: values.grpcIdleMax,
        pingEveryMs: values.grpcPingEvery,
        pingTimeoutMs: values.grpcPingTimeout,
      },
    },
    ...(tokensFile === undefined
      ? {}
      : {
          tokens: {
            file: resolve(cwd, tokensFile),
            header: values.tokensHeader,
            reloadIntervalMs: values.tokensReload,
          },
        }),
    inFlightBytesMax: values.inFlightMib * MIB,
    redact: {
      mode: values.redactMode,
      extraKeys: values.redactExtraKeys,
      mappedKeys: Object.values(values.attributionMap).flat(),
      unknownBytesMax: values.redactUnknownBytesMax,
      keepStatusMessage: values.redactKeepStatus,
    },
    ...(redactUserKey === undefined ? {} : { userKey: redactUserKey }),
    ...mirrorOf(values),
    quietPeriodMs: values.quietPeriod,
    traceOpenMsMax: values.openMax,
    require: values.require,
    attributionMap: values.attributionMap,
    insertAttemptMs: values.clickhouseTimeout,
  }
}

const mirrorOf = (values: ConfigValues): Pick<CollectorSettings, 'mirror'> => {
  const { mirrorEndpoint, mirrorTracesEndpoint } = values
  const url = mirrorTracesEndpoint ?? (mirrorEndpoint && `${mirrorEndpoint.replace(/\/+$/, '')}/v1/traces`)
  if (url === undefined) return {}
  return {
    mirror: {
      url,
      headers: values.mirrorHeaders,
      compression: values.mirrorCompression,
      timeoutMs: values.mirrorTimeout,
      maxLagBytes: values.mirrorLagMax,
    },
  }
}

const corsOf = ({ corsOrigins, corsHeaders, corsMaxAge }: ConfigValues): Pick<CollectorSettings['http'], 'cors'> =>
  corsOrigins.length === 0
    ? {}
    : { cors: { allowedOrigins: corsOrigins, allowedHeaders: corsHeaders, maxAgeSeconds: corsMaxAge } }

const tlsOf = (values: ConfigValues['http'], cwd: string): Pick<EndpointSettings, 'tls'> => {
  const { certFile, keyFile, clientCaFile, clientTenants } = values
  if (certFile === undefined || keyFile === undefined) return {}
  return {
    tls: {
      certFile: resolve(cwd, certFile),
      keyFile: resolve(cwd, keyFile),
      ...(clientCaFile === undefined ? {} : { clientCaFile: resolve(cwd, clientCaFile) }),
      minVersion: values.minVersion,
      reloadIntervalMs: values.tlsReload,
      ...(clientTenants === undefined ? {} : { clientTenants: new Map(Object.entries(clientTenants)) }),
    },
  }
}
