import { decodeMessage, type Plain } from './otlp-schema.ts'

export const PROTOBUF = 'application/x-protobuf'

/** What a protobuf answer says about a refusal. */
export const statusOf = (body: Buffer): Plain => decodeMessage('RpcStatus', body)
