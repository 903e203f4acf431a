/**
 * Spans that the AI SDK 7 has open for its model calls. For embeddings and objects it makes them without making them current, so
 * that a call measured further in would not fall below and, without a span around both, stand in another trace: counted twice.
 */
import { type Context, context, trace } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import { type RunningSpan, scopeOfSpan } from '#src/export/sdk-span.ts'
import { processWide } from '#src/process-wide.ts'
import type { CallIdentity } from './call-span.ts'

const SDK_SCOPE = 'gen_ai'

interface OpenSpan {
  readonly span: RunningSpan
  /** A call of ours stands below it. */
  taken: boolean
}

/** By the context in which the SDK runs: the same one when it calls the model. */
const openIn = processWide('sdk-spans', () => new WeakMap<Context, OpenSpan[]>())

/** To be told of every span that starts. */
export const noteSdkSpan = (span: RunningSpan): void => {
  if (scopeOfSpan(span).name !== SDK_SCOPE) return
  const active = context.active()
  const others = (openIn.get(active) ?? []).filter((other) => other.span.isRecording())
  openIn.set(active, [...others, { span, taken: false }])
}

/** `active` below the SDK's span of this very call, if there is one; a second try finds the span of the first. */
export const belowSdkSpan = (active: Context, { operation, model }: Omit<CallIdentity, 'provider'>): Context => {
  const found = (openIn.get(active) ?? []).filter(
    ({ span }) =>
      span.isRecording() &&
      span.attributes[ATTR.operation] === operation &&
      span.attributes[ATTR.requestModel] === model,
  )
  const open = found.findLast(({ taken }) => !taken) ?? found.at(-1)
  if (open === undefined) return active
  open.taken = true
  return trace.setSpan(active, open.span)
}
