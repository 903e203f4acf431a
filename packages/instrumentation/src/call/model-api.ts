import type { Attributes } from '@opentelemetry/api'
import type { CallOperation } from './call-span.ts'

/** What one answer of a provider says, as far as it may leave the process. */
export interface Answer {
  /** Response id and model, served tier, counters. */
  readonly attributes: Attributes
  /** The provider's usage object, untouched; `undefined` when it sent none. */
  readonly usage: object | undefined
  /** There is no such object, but the attributes hold counters that are final. */
  readonly countedInAttributes?: true
  /** `error.type` of an answer that reports its own failure. */
  readonly failure?: string | undefined
}

export const NO_ANSWER: Answer = { attributes: {}, usage: undefined }

/** Reads the events of one streamed answer as the caller consumes them. */
export interface StreamReader {
  /** False keeps the event from the caller, who did not ask for it. */
  read(event: unknown): boolean
  /** What is known so far. */
  readonly answer: () => Answer
  /** The counters are final. */
  readonly counted: boolean
  /** The model has ended its answer. */
  readonly finished: boolean
}

/** How one endpoint of a provider writes requests, answers and events. */
export interface ModelApi {
  readonly operation: CallOperation
  /** Model that is asked for; default: the field `model` of the body. */
  readonly modelOf?: (body: unknown) => string | undefined
  readonly requestAttributes: (body: unknown) => Attributes
  /** The body to send, and a reader for its events. Never changes the caller's object. */
  readonly prepare: (body: unknown) => PreparedCall
  /** The body with the hashed id of the user in the field that `provider` has for it; the same body if it says something itself. */
  readonly withUser?: (body: unknown, user: string, provider: string) => unknown
  /** Where an answer holds its stream; default: it is the stream itself. */
  readonly streamIn?: (answer: unknown) => unknown
  readonly answerOf: (answer: unknown) => Answer
}

export interface PreparedCall {
  readonly body: unknown
  /** `answer`: what the SDK gave, which may say things that no event repeats. */
  readonly createReader: (answer: unknown) => StreamReader
}
