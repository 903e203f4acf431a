/** The span of one model call, as a sampler sees it. */
import {
  type Attributes,
  type Context,
  ProxyTracerProvider,
  type Span,
  SpanKind,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
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

/** Looked up once for each provider: the SDK composes a key for every look-up. */
const tracers = new WeakMap<TracerProvider, Tracer>()

const ownTracer = (): Tracer => {
  const registered = trace.getTracerProvider()
  // The proxy stays when an app registers another provider.
  const provider = registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered
  const known = tracers.get(provider)
  if (known !== undefined) return known
  const tracer = provider.getTracer(SCOPE_NAME, SCOPE_VERSION)
  tracers.set(provider, tracer)
  return tracer
}

export const openSpan = ({ operation, provider, model }: CallIdentity, active: Context, startedAt?: Date): Span => {
  const identity: Attributes = { [ATTR.operation]: operation, [ATTR.provider]: provider }
  if (model !== undefined) identity[ATTR.requestModel] = model
  const name = (model === undefined ? operation : `${operation} ${model}`).slice(0, limits.spanNameBytesMax)
  const options = { kind: SpanKind.CLIENT, attributes: identity }
  return ownTracer().startSpan(name, startedAt === undefined ? options : { ...options, startTime: startedAt }, active)
}
