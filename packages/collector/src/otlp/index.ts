export { type DecodeContext, type DecodedRequest, decodeTraceRequest } from './decode-trace-request.ts'
export { createOtlpHttpServer, type OtlpHttpServer, type OtlpHttpSettings } from './http-server.ts'
export { JsonRequestError } from './json-fields.ts'
export {
  type FinishedRequest,
  noReceiveMetrics,
  type ReceiveMetrics,
  type RefusalReason,
  type Transport,
} from './receive-metrics.ts'
export type { RequestEncoding } from './rpc-status.ts'
export type { RejectionReason } from './span-ids.ts'
export {
  type IntakeOutcome,
  type Sender,
  TraceIntake,
  type TraceIntakeSettings,
  type TraceRequest,
} from './trace-intake.ts'
export { transcodeJsonRequest } from './transcode-json-request.ts'
export { WireError } from './wire-reader.ts'
