/** One model call as a framework's seam sees it: the same check, span and evidence as a call of a wrapped client. */
import { type Attributes, type Context, context, trace } from '@opentelemetry/api'
import { foldProvider } from '@outlay/semconv'
import { scopeOf } from '#src/attribution/attribution-context.ts'
import type { CallOperation } from '#src/call/call-span.ts'
import { type ModelCall, startCall } from '#src/call/model-call.ts'
import { belowSdkSpan } from '#src/call/sdk-spans.ts'
import { refusal } from '#src/call/refusal.ts'
import { parseServer } from '#src/call/server.ts'

export interface CallFacts {
  readonly operation: CallOperation
  /** As the framework names it, e.g. `openai.responses`. */
  readonly provider: string
  readonly model: string
  /** Who bills is told by its host. Empty = unknown. */
  readonly baseUrl?: string | undefined
  readonly attributes?: Attributes | undefined
}

export interface FrameworkCall {
  /** `undefined` when nobody records it. */
  readonly call: ModelCall | undefined
  /** Runs what sends the request: spans made in it fall below this call's, and the innermost one is billed. */
  readonly run: <Result>(send: () => Result) => Result
  /** Where the caller stands. What follows the request runs here, or a model that a tool calls would count as this call. */
  readonly outside: Context
}

/** Fails with `MissingAttributionError` before anything is sent, where the policy says so. */
export const startFrameworkCall = (facts: CallFacts): FrameworkCall => {
  const refused = refusal()
  if (refused !== undefined) throw refused
  const outside = context.active()
  const around = belowSdkSpan(outside, facts)
  const call = openCall(facts, around, false)
  const inside = call === undefined ? around : trace.setSpan(around, call.span)
  return { call, outside, run: (send) => context.with(inside, send) }
}

/** The span alone, for seams that hear of a request and cannot run it themselves. Never throws. */
export const openToldCall = (facts: CallFacts): ModelCall | undefined => openCall(facts, context.active(), true)

const openCall = (facts: CallFacts, active: Context, toldByEvents: boolean): ModelCall | undefined => {
  const server = parseServer(facts.baseUrl ?? '', foldProvider(facts.provider))
  const api = { operation: facts.operation, requestAttributes: () => facts.attributes ?? {}, toldByEvents }
  return context.with(active, () =>
    startCall(api, () => server, { active, scope: scopeOf(active) }, { model: facts.model }),
  )
}
