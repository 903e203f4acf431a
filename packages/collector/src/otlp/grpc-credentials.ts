/** TLS of the gRPC server, whose certificate may change while it listens: new connections get the new one. */
import { ServerCredentials } from '@grpc/grpc-js'
import type { TlsFiles } from '#src/tls/tls-files.ts'

class RotatingCredentials extends ServerCredentials {
  constructor(tls: TlsFiles) {
    super({ requestCert: tls.requiresClientCertificate, rejectUnauthorized: true }, tls.context)
    tls.watch((context) => this.updateSecureContextOptions(context))
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other
  }
}

export const grpcCredentials = (tls: TlsFiles | undefined): ServerCredentials =>
  tls === undefined ? ServerCredentials.createInsecure() : new RotatingCredentials(tls)
