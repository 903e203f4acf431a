/** `recordCall`: a model call that no wrapper sees, told by the app. Same checks and same span as those of `wrap`. */
import { type Attributes, context, type Context, diag, SpanStatusCode } from '@opentelemetry/api'
import { limits, OutlayError } from '@outlay/core'
import { ATTR } from './attribute-names.ts'
import type { ActiveAttribution, Attribution } from './attribution/attribution.ts'
import { type AttributionScope, layScope, scopeOf } from './attribution/attribution-context.ts'
import { missingFields, settleMissing } from './attribution/missing-attribution.ts'
import { currentPolicy } from './attribution/policy.ts'
import { type CallOperation, openSpan } from './call/call-span.ts'
import { errorTypeOf, rawUsageOf, type UsageStatus } from './call/model-call.ts'
import { parseServer } from './call/server.ts'
import { put } from './providers/attributes.ts'
import { putRawCounters } from './providers/counters.ts'

/** What the app knows of a call. Attribution here is laid over that of the surrounding scope. */
export interface RecordedCall extends Attribution {
  /** Who bills: a provider as the GenAI conventions name it, e.g. `openai`, `aws.bedrock`, `voyage_ai`. */
  readonly provider: string
  /** Model that was asked for. */
  readonly model: string
  /** Default: `chat`. */
  readonly operation?: CallOperation | undefined
  /** Model that answered, where it has another name. */
  readonly responseModel?: string | undefined
  readonly responseId?: string | undefined
  /** As served, where the usage object does not tell, e.g. `flex`. */
  readonly serviceTier?: string | undefined
  /** URL that was called: its host decides who bills where compatible endpoints are used. */
  readonly baseUrl?: string | undefined
  /** Default: now. */
  readonly startedAt?: Date | undefined
  /** Default: now. */
  readonly endedAt?: Date | undefined
  /** Default: `reported`, or `absent` without usage. `estimated`: counted by a tokenizer. */
  readonly status?: UsageStatus | undefined
  /** What the call failed with. Its class or HTTP status is kept, never its message. */
  readonly error?: unknown
  /** Kind of failure where there is no error object, e.g. `expired`. */
  readonly errorType?: string | undefined
  /** Id of this call, the same every time that it is told: in one trace it is then counted once. Default: a new one. */
  readonly leaf?: string | undefined
}

/**
 * Counts one model call that was made without a wrapped client: by another SDK, another language, a batch, a gateway's log.
 * `usage` is the provider's usage object, unchanged; `undefined` when it sent none.
 *
 * ```ts
 * recordCall(answer.usage, { provider: 'voyage_ai', model: 'voyage-3.5', operation: 'embeddings', startedAt })
 * ```
 * The call has been made and is recorded in any case. Under `onMissing: 'throw'` one that lacks required attribution then
 * fails with `MissingAttributionError`, and a value of the wrong form with `E_ATTRIBUTION_VALUE`, so that the place is mended.
 */
export const recordCall = (usage: object | undefined, call: RecordedCall): void => {
  const active = context.active()
  const { scope, refused } = scopeFor(active, call)
  const policy = currentPolicy()
  const missing = missingFields(scope.attribution, policy)
  writeSpan(active, scope, usage, call)
  if (refused !== undefined) throw refused
  const error = missing.length === 0 ? undefined : settleMissing(missing, policy, 'recorded')
  if (error !== undefined) throw error
}

interface RecordedScope {
  readonly scope: AttributionScope
  /** Why what the call says of itself was left out. */
  readonly refused: Error | undefined
}

const scopeFor = (active: Context, call: RecordedCall): RecordedScope => {
  const outer = scopeOf(active)
  try {
    return { scope: layScope(attributionIn(call), outer.attribution), refused: undefined }
  } catch (error) {
    if (!(error instanceof OutlayError)) throw error
    const strict = error.code !== 'E_ATTRIBUTION_VALUE' || currentPolicy().onMissing === 'throw'
    if (!strict) diag.warn(`outlay: ${error.message}`)
    return { scope: outer, refused: strict ? error : undefined }
  }
}

/** Everything but the facts of the call. */
const attributionIn = ({
  provider: _provider,
  model: _model,
  operation: _operation,
  responseModel: _responseModel,
  responseId: _responseId,
  serviceTier: _serviceTier,
  baseUrl: _baseUrl,
  startedAt: _startedAt,
  endedAt: _endedAt,
  status: _status,
  error: _error,
  errorType: _errorType,
  leaf: _leaf,
  ...attribution
}: RecordedCall): ActiveAttribution => attribution

const writeSpan = (active: Context, scope: AttributionScope, usage: object | undefined, call: RecordedCall): void => {
  try {
    const { provider, model, operation = 'chat', startedAt, endedAt, baseUrl, error } = call
    const server = parseServer(baseUrl ?? '', provider)
    const span = openSpan({ operation, provider: server.provider, model }, active, startedAt)
    if (!span.isRecording()) return
    const attributes: Attributes = {
      [ATTR.attempt]: 1,
      [ATTR.leaf]: call.leaf ?? span.spanContext().spanId,
      ...server.attributes,
      ...answerAttributes(call),
      ...scope.attributes,
      [ATTR.usageStatus]: call.status ?? (usage === undefined ? 'absent' : 'reported'),
    }
    if (usage !== undefined) {
      putRawCounters(attributes, usage, { provider: server.provider, model, host: hostOf(server.attributes) })
      put(attributes, ATTR.usageRaw, rawUsageOf(usage))
    }
    const failure = call.errorType ?? (error === undefined ? undefined : errorTypeOf(error))
    if (failure !== undefined) {
      attributes[ATTR.errorType] = failure
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.setAttributes(attributes)
    span.end(endedAt)
  } catch (error) {
    diag.error('outlay: a model call could not be recorded', errorTypeOf(error))
  }
}

const hostOf = (attributes: Attributes): string => {
  const host = attributes[ATTR.serverAddress]
  return typeof host === 'string' ? host : ''
}

const answerAttributes = ({ provider, responseId, responseModel, serviceTier }: RecordedCall): Attributes => {
  const attributes: Attributes = {}
  put(attributes, ATTR.responseId, responseId?.slice(0, limits.attributeValueBytesMax))
  put(attributes, ATTR.responseModel, responseModel)
  put(attributes, provider === 'anthropic' ? ATTR.anthropicServiceTier : ATTR.openaiServiceTier, serviceTier)
  return attributes
}
