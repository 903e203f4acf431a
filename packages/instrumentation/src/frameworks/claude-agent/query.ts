/** `query()` of the Claude Agent SDK with its model calls attributed and counted. */
import { refusal } from '#src/call/refusal.ts'
import { fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { QueryCalls } from './query-calls.ts'

export interface ClaudeAgentOptions {
  /** Who bills, as the GenAI conventions name it, where the agent runs on Bedrock or Vertex. Default: `anthropic`. */
  readonly provider?: string
}

/** The part of the SDK's `Query` that is followed. */
type Messages = AsyncGenerator<unknown, void>
type QueryFunction = (params: never) => Messages
type Params = { readonly options?: Readonly<Record<string, unknown>> }

const isStreamEvent = (message: unknown): boolean => textOf(message, 'type') === 'stream_event'

/**
 * A `query` of the same type. A query without required attribution fails with `MissingAttributionError` before the agent is
 * started, unless the policy says otherwise.
 *
 * ```ts
 * const query = outlayQuery(sdk.query)
 * for await (const message of query({ prompt })) show(message)
 * ```
 * Partial messages are asked for, which alone carry the counts of each call, and stay hidden unless the app asks for them.
 */
export const outlayQuery = <Query extends QueryFunction>(query: Query, settings: ClaudeAgentOptions = {}): Query => {
  const start = query as unknown as (params: Params) => Messages
  const observed = (params: Params): Messages => {
    const refused = refusal()
    if (refused !== undefined) throw refused
    const { options } = params
    const isResumed = options?.['continue'] === true || options?.['resume'] !== undefined
    const abort = fieldOf(objectOf(options, 'abortController') ?? options?.['abortController'], 'signal')
    const calls = new QueryCalls({
      provider: settings.provider ?? 'anthropic',
      baseUrl: textOf(fieldOf(options, 'env'), 'ANTHROPIC_BASE_URL'),
      isResumed,
      resumed: textOf(options, 'resume'),
      isAborted: () => abort instanceof AbortSignal && abort.aborted,
    })
    const messages = start({ ...params, options: { ...options, includePartialMessages: true } })
    return follow(messages, calls, options?.['includePartialMessages'] !== true)
  }
  return observed as unknown as Query
}

/** In place: a query has methods of its own. */
const follow = (messages: Messages, calls: QueryCalls, hidesEvents: boolean): Messages => {
  const next = messages.next.bind(messages)
  const stop = messages.return.bind(messages)
  const fail = messages.throw.bind(messages)
  const read = async (): Promise<IteratorResult<unknown, void>> => {
    try {
      for (;;) {
        const result = await next()
        if (result.done === true) calls.end()
        else calls.read(result.value)
        if (result.done === true || !hidesEvents || !isStreamEvent(result.value)) return result
      }
    } catch (error) {
      calls.end(error)
      throw error
    }
  }
  return Object.assign(messages, {
    next: read,
    return: async (value: undefined) => {
      calls.end()
      return stop(value)
    },
    throw: async (error: unknown) => {
      calls.end()
      return fail(error)
    },
    [Symbol.asyncIterator]: () => messages,
  })
}
