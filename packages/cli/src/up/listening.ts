/** Which addresses may be listened on: beyond loopback only with something that tells senders apart, or said out loud. */
import type { ConfigValues } from '@outlay/collector'
import { OutlayError } from '@outlay/core'
import type { OperatorLog } from './operator-log.ts'

const LOOPBACK_ADDRESSES = new Set(['127.0.0.1', '::1', 'localhost'])

export const isLoopback = (host: string): boolean => LOOPBACK_ADDRESSES.has(host)

interface Endpoint {
  readonly path: string
  readonly host: string
  readonly isProtected: boolean
  readonly mayBeOpen: boolean
  readonly refusal: string
  readonly fix: string
  readonly warning: string
}

const endpointsOf = (values: ConfigValues): readonly Endpoint[] => {
  const otlp = (path: string, { host }: { readonly host: string }, clientCaFile: string | undefined): Endpoint => ({
    path,
    host,
    isProtected: values.tokensFile !== undefined || clientCaFile !== undefined,
    mayBeOpen: values.insecure,
    refusal: 'listening beyond loopback without tokens or client certificates is refused',
    fix: 'give --tokens FILE or tls.client_ca_file, or keep it on loopback, or add --insecure-allow-unauthenticated inside a closed network',
    warning: `accepts spans from anyone who can reach it; there are no tokens`,
  })
  return [
    otlp('receivers.otlp.protocols.http.endpoint', values.httpEndpoint, values.http.clientCaFile),
    otlp('receivers.otlp.protocols.grpc.endpoint', values.grpcEndpoint, values.grpc.clientCaFile),
    {
      path: 'service.telemetry.metrics.endpoint',
      host: values.adminEndpoint.host,
      isProtected: false,
      mayBeOpen: values.adminInsecure,
      refusal: 'panel and metrics beyond loopback are refused: they know no tokens',
      fix: 'give --admin-host 127.0.0.1, or add --insecure-allow-unauthenticated inside a closed network',
      warning: 'shows the panel and the metrics to anyone who can reach it',
    },
  ]
}

/** Fails with `E_UNAUTHENTICATED_HOST`. What is allowed by the insecure option is warned of at every start. */
export const assertReachableSafely = (values: ConfigValues, log: OperatorLog): void => {
  for (const { path, host, isProtected, mayBeOpen, refusal, fix, warning } of endpointsOf(values)) {
    if (isProtected || isLoopback(host)) continue
    if (!mayBeOpen) {
      throw new OutlayError('E_UNAUTHENTICATED_HOST', refusal, { where: path, got: host, want: '127.0.0.1', fix })
    }
    log(`Warning: ${host} ${warning} (${path}).`, 'warn')
  }
}
