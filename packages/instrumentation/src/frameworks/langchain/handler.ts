/** The callback handler for LangChain and LangGraph. */
import { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import { limits } from '@outlay/core'
import type { CallOperation } from '#src/call/call-span.ts'
import type { ModelCall } from '#src/call/model-call.ts'
import { OpenRun } from '#src/call/open-runs.ts'
import { refusal } from '#src/call/refusal.ts'
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { openToldCall } from '#src/frameworks/framework-call.ts'
import { RunAnswer } from './run-answer.ts'

interface Run {
  readonly call: ModelCall
  readonly answer: RunAnswer
  /** Milliseconds of the process's own clock. */
  heardAtMs: number
}

/** What LangChain says of a call about to be made; prompts are never read. */
type StartEvent = [
  serialized: unknown,
  prompts: unknown,
  runId: string,
  parentRunId?: string,
  extraParams?: Record<string, unknown>,
  tags?: string[],
  metadata?: Record<string, unknown>,
]

/** By LangChain's run id; shared, since LangChain hands events of a run to copies of a handler. */
const runs = new Map<string, Run>()

/** A stream that the app leaves early says no more: its call is ended when the next one starts. */
const endSilentRuns = (): void => {
  const silentSinceMs = performance.now() - limits.instrumentation.silentCallMsMax
  for (const [id, { call, heardAtMs }] of runs) {
    // In order of start; one that was heard of later is found another time.
    if (heardAtMs > silentSinceMs) return
    runs.delete(id)
    call.cancel()
  }
}

/** The fields in which LangChain's models keep their base URL. */
const baseUrlOf = (serialized: unknown): string | undefined => {
  const kwargs = fieldOf(serialized, 'kwargs')
  const configuration = fieldOf(kwargs, 'configuration')
  return (
    textOf(configuration, 'baseURL') ??
    textOf(kwargs, 'anthropic_api_url') ??
    textOf(kwargs, 'base_url') ??
    textOf(kwargs, 'endpoint')
  )
}

const modelOf = (metadata: unknown, extraParams: unknown): string =>
  textOf(fieldOf(extraParams, 'invocation_params'), 'model') ?? textOf(metadata, 'ls_model_name') ?? ''

/**
 * Attributes and counts every model call that it is told of: put it on a model, a chain, a graph or a single call.
 *
 * ```ts
 * await agent.invoke(input, { callbacks: [new OutlayCallbackHandler()] })
 * ```
 * A call without required attribution fails with `MissingAttributionError` before anything is sent, unless the policy says
 * otherwise. LangChain waits for this handler (it does not run in the background), so that a call is attributed to the context
 * that makes it. Embeddings have no callbacks: wrap the client of the provider for those.
 */
export class OutlayCallbackHandler extends BaseCallbackHandler {
  readonly name = 'outlay'

  constructor() {
    super({ raiseError: true, _awaitHandler: true })
  }

  override copy(): OutlayCallbackHandler {
    return this
  }

  override handleChatModelStart(...event: StartEvent): void {
    start('chat', event)
  }

  override handleLLMStart(...event: StartEvent): void {
    start('text_completion', event)
  }

  override handleLLMNewToken(
    _token: string,
    _index: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    fields?: unknown,
  ): void {
    const run = runs.get(runId)
    if (run === undefined) return
    run.heardAtMs = performance.now()
    run.answer.readChunk(fieldOf(fieldOf(fields, 'chunk'), 'message'))
  }

  override handleLLMEnd(output: unknown, runId: string): void {
    const run = taken(runId)
    run?.answer.readEnd(firstMessage(output), fieldOf(output, 'llmOutput'))
    run?.call.succeed(run.answer.answer())
  }

  override handleLLMError(error: unknown, runId: string): void {
    taken(runId)?.call.fail(error)
  }
}

const start = (operation: CallOperation, [serialized, , runId, , extraParams, , metadata]: StartEvent): void => {
  endSilentRuns()
  const refused = refusal()
  if (refused !== undefined) throw refused
  const provider = textOf(metadata, 'ls_provider') ?? ''
  const model = modelOf(metadata, extraParams)
  const call = openToldCall({ operation, provider, model, baseUrl: baseUrlOf(serialized) })
  if (call === undefined) return
  const answer = new RunAnswer(provider)
  const run = new OpenRun(model)
  call.follow(answer.answer)
  call.yieldTo((responseId) => run.isMeasuredBelow(responseId))
  runs.set(runId, { call, answer, heardAtMs: performance.now() })
}

const taken = (runId: string): Run | undefined => {
  const run = runs.get(runId)
  runs.delete(runId)
  return run
}

/** Generations are lists of lists: one list for each prompt, one message for each choice. All choices share the usage. */
const firstMessage = (output: unknown): unknown => {
  const generations: unknown = fieldOf(output, 'generations')
  const first: unknown = Array.isArray(generations) ? generations[0] : undefined
  return fieldOf(Array.isArray(first) ? first[0] : undefined, 'message')
}
