/** The span of one model call, as a sampler sees it. */
import { type Attributes, type Context, type Span, SpanKind, trace } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { ATTR } from '#src/attribute-names.ts'
import { SCOPE_NAME, SCOPE_VERSION } from '#src/scope.ts'

/** `generate_content`: anything but text, e.g. images and speech. */
export type CallOperation = 'chat' | 'text_completion' | 'generate_content' | 'embeddings' | 'rerank'

export interface CallIdentity {
  readonly operation: CallOperation
  readonly provider: string
  readonly model: string | undefined
}

export const openSpan = ({ operation, provider, model }: CallIdentity, active: Context, startedAt?: Date): Span => {
  const identity: Attributes = { [ATTR.operation]: operation, [ATTR.provider]: provider }
  if (model !== undefined) identity[ATTR.requestModel] = model
  const name = (model === undefined ? operation : `${operation} ${model}`).slice(0, limits.spanNameBytesMax)
  const tracer = trace.getTracer(SCOPE_NAME, SCOPE_VERSION)
  const options = { kind: SpanKind.CLIENT, attributes: identity }
  return tracer.startSpan(name, startedAt === undefined ? options : { ...options, startTime: startedAt }, active)
}
