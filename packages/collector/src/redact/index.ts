export type { RedactionCounts } from './redaction-counts.ts'
export type { StrippedRequest } from './strip-trace-request.ts'
export {
  createReplaceableStripper,
  createTraceStripper,
  REDACT_MODES,
  type RedactMode,
  type StripOptions,
  stripTraceRequest,
  type TraceStripper,
} from './strip-options.ts'
