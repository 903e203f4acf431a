/** A refusal as gRPC carries it: code and text, with the whole `google.rpc.Status` in the trailing metadata. */
import { Metadata, type status as Status } from '@grpc/grpc-js'
import { encodeStatus, type RpcStatus } from './rpc-status.ts'

export type GrpcRefusal = RpcStatus & { readonly code: Status }

export interface GrpcStatus {
  readonly code: Status
  readonly details: string
  readonly metadata: Metadata
}

export const grpcStatus = (refusal: GrpcRefusal): GrpcStatus => {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', encodeStatus(refusal))
  return { code: refusal.code, details: refusal.message, metadata }
}
