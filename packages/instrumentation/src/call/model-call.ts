/**
 * One model call and its span. Invariants: the span ends exactly once, whatever the caller does with the answer;
 * nothing here throws into the caller; no prompt, output or error message is ever read.
 */
import { type Attributes, type Context, diag, type Span, SpanStatusCode } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { ATTR } from '#src/attribute-names.ts'
import type { AttributionScope } from '#src/attribution/attribution-context.ts'
import { processWide } from '#src/process-wide.ts'
import { openSpan } from './call-span.ts'
import { type Answer, type ModelApi, NO_ANSWER } from './model-api.ts'
import type { Server } from './server.ts'
import { noteCall, noteEnd, type Sighting } from './open-runs.ts'
import { fieldOf, textOf } from './untyped.ts'

/**
 * `partial`: the provider may have billed more than was reported. `absent`: it reported nothing. `estimated`: the app has
 * counted itself.
 */
export type UsageStatus = 'reported' | 'partial' | 'absent' | 'estimated'

const open = processWide('open-calls', () => new Set<ModelCall>())

/** Ends the spans of calls still under way, so that a process that stops does not lose them. */
export const endOpenCalls = (): void => {
  for (const call of open) call.cancel()
}

// Made once, not for every call.
const nothingKnown = (): Answer => NO_ANSWER
const notBelow = (): boolean => false

export class ModelCall {
  readonly span: Span
  /** What was known at the start, later ones win. Set when the span ends, and never merged: it costs more. */
  readonly #known: readonly Readonly<Attributes>[]
  /** Asked at the end: some SDKs find their server only while they send. */
  readonly #server: () => Server
  #progress: () => Answer = nothingKnown
  #isMeasuredBelow: (responseId: string | undefined) => boolean = notBelow
  readonly #sighting: Sighting | undefined
  #ended = false

  constructor(span: Span, known: readonly Readonly<Attributes>[], server: () => Server, sighting?: Sighting) {
    this.span = span
    this.#known = known
    this.#server = server
    this.#sighting = sighting
    open.add(this)
  }

  /** Where to ask for what is known, should the call end early. */
  follow(progress: () => Answer): void {
    this.#progress = progress
  }

  /** Who knows whether a call further in stands for this one: then this one leaves no span. */
  yieldTo(isMeasuredBelow: (responseId: string | undefined) => boolean): void {
    this.#isMeasuredBelow = isMeasuredBelow
  }

  /** The provider answered in full. */
  succeed(answer: Answer): void {
    const isCounted = answer.usage !== undefined || answer.countedInAttributes === true
    this.#end(answer, isCounted ? 'reported' : 'absent', answer.failure)
  }

  /** The answer ended, but what it says may not be all. */
  succeedInPart(answer: Answer): void {
    this.#end(answer, 'partial', answer.failure)
  }

  /** The caller stopped listening. Not a failure. */
  cancel(): void {
    this.#end(this.#progress(), 'partial', undefined)
  }

  /** The caller took the raw response: its body is not ours to read. */
  leaveUnread(): void {
    this.#end(this.#progress(), 'absent', undefined)
  }

  /** `status`: how much is known in spite of the failure. */
  fail(error: unknown, status: UsageStatus = mayBeBilled(error) ? 'partial' : 'absent'): void {
    this.#end(this.#progress(), status, isCancellation(error) ? undefined : errorTypeOf(error))
  }

  #end(answer: Answer, status: UsageStatus, failure: string | undefined): void {
    if (this.#ended) return
    this.#ended = true
    open.delete(this)
    const responseId = textOf(answer.attributes, ATTR.responseId)
    if (this.#sighting !== undefined) noteEnd(this.#sighting, responseId)
    if (this.#isMeasuredBelow(responseId)) return
    try {
      const { span } = this
      span.setAttributes(this.#server().attributes)
      span.setAttribute(ATTR.attempt, 1)
      // As unique as the span, and free: drawing random bytes for it would cost more than all the rest.
      span.setAttribute(ATTR.leaf, span.spanContext().spanId)
      for (const attributes of this.#known) span.setAttributes(attributes)
      span.setAttributes(answer.attributes)
      span.setAttribute(ATTR.usageStatus, status)
      const raw = answer.usage === undefined ? undefined : rawUsageOf(answer.usage)
      if (raw !== undefined) span.setAttribute(ATTR.usageRaw, raw)
      if (failure !== undefined) span.setAttribute(ATTR.errorType, failure).setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    } catch (error) {
      diag.error('outlay: a model call could not be recorded', errorTypeOf(error))
    }
  }
}

/** The object as JSON; `undefined` for one that is too large to be sent. */
export const rawUsageOf = (usage: object): string | undefined => {
  const raw = JSON.stringify(usage)
  if (raw.length <= limits.usageJsonBytesMax) return raw
  diag.warn('outlay: a usage object is too large to be sent')
  return undefined
}

/** `toldByEvents`: what the call is known by says nothing of where its request is sent. */
type CallApi = Pick<ModelApi, 'operation' | 'modelOf' | 'requestAttributes'> & { readonly toldByEvents?: boolean }

/** Where a call is made. */
export interface CallOrigin {
  /** The active context, looked up once. */
  readonly active: Context
  readonly scope: AttributionScope
}

/** The span of a call about to be made; `undefined` when nobody records it. */
export const startCall = (
  api: CallApi,
  server: () => Server,
  { active, scope }: CallOrigin,
  body: unknown,
): ModelCall | undefined => {
  try {
    const model = api.modelOf === undefined ? fieldOf(body, 'model') : api.modelOf(body)
    const identity = {
      operation: api.operation,
      provider: server().provider,
      model: typeof model === 'string' ? model : undefined,
    }
    const span = openSpan(identity, active)
    if (!span.isRecording()) return undefined
    // What the app says wins over what was inferred.
    return new ModelCall(
      span,
      [api.requestAttributes(body), scope.attributes],
      server,
      api.toldByEvents === true ? undefined : noteCall(identity.model),
    )
  } catch (error) {
    diag.error('outlay: a model call could not be recorded', errorTypeOf(error))
    return undefined
  }
}

const classNameOf = (error: unknown): string =>
  error instanceof Error ? error.constructor.name || error.name : typeof error

/** SDKs and frameworks end a request that the app gave up with one of these. */
const CANCELLATIONS = new Set(['APIUserAbortError', 'RequestAbortedError', 'ModelAbortError'])
const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** Cohere's SDK has one class for everything, and gives its reasons as the cause; until 8.0 as its message. */
const isCohereError = (error: unknown, cause: (reason: unknown) => boolean, message: string): boolean =>
  error instanceof Error && classNameOf(error) === 'CohereError' && (cause(error.cause) || error.message === message)
const isCohereAbort = (error: unknown): boolean => isCohereError(error, isAbortError, 'The user aborted a request')
const isCohereTimeout = (error: unknown): boolean =>
  isCohereError(error, (reason) => reason === 'timeout', JSON.stringify('timeout'))

const isCancellation = (error: unknown): boolean =>
  CANCELLATIONS.has(classNameOf(error)) || isAbortError(error) || isCohereAbort(error)

const TIMEOUTS = new Set(['APIConnectionTimeoutError', 'RequestTimeoutError', 'CohereTimeoutError', 'TimeoutError'])

/** A request that was given up may have been served all the same. */
const mayBeBilled = (error: unknown): boolean =>
  isCancellation(error) ||
  isCohereTimeout(error) ||
  TIMEOUTS.has(classNameOf(error)) ||
  (error instanceof Error && error.name === 'TimeoutError')

/** HTTP status where there was one, else the error's class. Never its message. */
export const errorTypeOf = (error: unknown): string => {
  const status = typeof error === 'object' && error !== null ? statusOf(error) : undefined
  return typeof status === 'number' ? String(status) : classNameOf(error).slice(0, limits.attributeValueBytesMax)
}

/** As OpenAI, Anthropic and Google; as Mistral and Cohere; as AWS name it. */
const statusOf = (error: object): unknown =>
  Reflect.get(error, 'status') ??
  Reflect.get(error, 'statusCode') ??
  fieldOf(Reflect.get(error, '$metadata'), 'httpStatusCode')
