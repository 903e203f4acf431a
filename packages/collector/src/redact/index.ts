export type { AttributeClass, ClassifyAttributeKey } from './attribute-class.ts'
export { REDACTION_CLASSES, type RedactionClass, type RedactionCounts } from './redaction-counts.ts'
export type { StrippedRequest } from './strip-trace-request.ts'
export { createTraceStripper, type StripOptions, stripTraceRequest, type TraceStripper } from './strip-options.ts'
