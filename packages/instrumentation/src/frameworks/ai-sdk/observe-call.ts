/** Calls of the AI SDK's models, of any specification. */
import type { CallOperation } from '#src/call/call-span.ts'
import { fieldOf } from '#src/call/untyped.ts'
import { startFrameworkCall } from '#src/frameworks/framework-call.ts'
import { observeAnswer } from '#src/frameworks/observe-generator.ts'
import { observeReadable } from '#src/frameworks/observe-readable.ts'
import { type AiSdkModel, factsOf } from './model-facts.ts'
import { createPartReader } from './part-reader.ts'
import { answerFromResult } from './usage-answer.ts'

/** What the SDK says of a call that is about to be made. */
export interface CallSetting {
  readonly params: object
  readonly model: AiSdkModel
}

export const observeResult = async <Result>(
  operation: CallOperation,
  { model, params }: CallSetting,
  send: () => PromiseLike<Result>,
): Promise<Result> =>
  observeAnswer(startFrameworkCall(factsOf(operation, model, params)), send, (result) =>
    answerFromResult(result, model.provider),
  )

/** `hidesEvents`: the provider's events are asked for, and the caller did not. */
export const observeStreamed = async <Result extends { readonly stream: ReadableStream }>(
  { model, params }: CallSetting,
  hidesEvents: boolean,
  send: () => PromiseLike<Result>,
): Promise<Result> => {
  const { call, run, outside } = startFrameworkCall(factsOf('chat', model, params))
  try {
    const result = await run(send)
    const reader = createPartReader(model.provider, hidesEvents)
    return { ...result, stream: observeReadable(result.stream, reader, call, outside) }
  } catch (error) {
    call?.fail(error)
    throw error
  }
}

/** The same parameters with the provider's events; `undefined` where the caller asked for them already. */
export const askingForEvents = <Params extends object>(params: Params): Params | undefined =>
  fieldOf(params, 'includeRawChunks') === true ? undefined : { ...params, includeRawChunks: true }
