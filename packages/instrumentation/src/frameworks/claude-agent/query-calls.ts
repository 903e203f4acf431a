/**
 * Model calls in the messages of one query. The agent's own calls are streamed event by event; of those of its sub-agents there
 * are only the beginnings, or nothing: what the sums of a result have beyond all that is told as a call of its own.
 */
import { type Context, context, diag } from '@opentelemetry/api'
import type { StreamReader } from '#src/call/model-api.ts'
import type { ModelCall } from '#src/call/model-call.ts'
import { fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { openToldCall } from '#src/frameworks/framework-call.ts'
import { anthropicMessages } from '#src/providers/anthropic.ts'
import { type Rest, SessionSums } from './session-sums.ts'
import { countsOfUsage, isNothing, isSameInput, usageOfCounts } from './token-counts.ts'

export interface QuerySetting {
  readonly provider: string
  readonly baseUrl: string | undefined
  readonly isResumed: boolean
  readonly resumed: string | undefined
  readonly isAborted: () => boolean
}

interface StreamedCall {
  readonly call: ModelCall | undefined
  readonly reader: StreamReader
  readonly model: string
}

/** The beginning of a sub-agent's call: its output is a placeholder. */
interface BegunCall {
  readonly id: string
  readonly model: string
  readonly usage: object
}

/** What the agent says in the place of a model that did not answer. */
const NO_MODEL = '<synthetic>'

export class QueryCalls {
  readonly #setting: QuerySetting
  /** Of the query: its messages may be read elsewhere. */
  readonly #context: Context = context.active()
  readonly #sums: SessionSums
  readonly #seen = new Set<string>()
  readonly #begun = new Map<string, BegunCall>()
  #model = ''
  #waiting: ModelCall | undefined
  #streamed: StreamedCall | undefined
  #failure: string | undefined

  constructor(setting: QuerySetting) {
    this.#setting = setting
    this.#sums = new SessionSums(setting.isResumed, setting.resumed)
  }

  read(message: unknown): void {
    const type = textOf(message, 'type')
    if (type === 'system') this.#readSystem(message)
    else if (type === 'stream_event') this.#readEvent(fieldOf(message, 'event'))
    else if (type === 'assistant') this.#readAssistant(message)
    else if (type === 'result') this.#readResult(message)
  }

  /** No further messages. */
  end(error?: unknown): void {
    const open = this.#streamed?.call ?? this.#waiting
    if (error === undefined || this.#setting.isAborted()) open?.cancel()
    else open?.fail(error, 'partial')
    this.#streamed = undefined
    this.#waiting = undefined
    this.#recordBegun([...this.#begun.values()])
  }

  #open(model: string): ModelCall | undefined {
    const { provider, baseUrl } = this.#setting
    return context.with(this.#context, () => openToldCall({ operation: 'chat', provider, model, baseUrl }))
  }

  #readSystem(message: unknown): void {
    if (textOf(message, 'subtype') === 'init') this.#model = textOf(message, 'model') ?? this.#model
    if (textOf(message, 'status') === 'requesting') this.#waiting ??= this.#open(this.#model)
  }

  #readEvent(event: unknown): void {
    const type = textOf(event, 'type')
    if (type === 'message_start') this.#startStream(fieldOf(event, 'message'))
    this.#streamed?.reader.read(event)
    if (type === 'message_stop') this.#endStream()
  }

  #startStream(message: unknown): void {
    this.#streamed?.call?.cancel()
    const model = textOf(message, 'model') ?? this.#model
    const call = this.#waiting ?? this.#open(model)
    this.#waiting = undefined
    const reader = anthropicMessages.prepare(undefined).createReader(undefined)
    call?.follow(reader.answer)
    this.#streamed = { call, reader, model }
    this.#seen.add(textOf(message, 'id') ?? '')
  }

  #endStream(): void {
    if (this.#streamed === undefined) return
    const { call, reader, model } = this.#streamed
    this.#streamed = undefined
    const answer = reader.answer()
    call?.succeed(answer)
    this.#sums.record(model, countsOfUsage(answer.usage))
  }

  /** One message for each block of an answer: the id tells which belong together. */
  #readAssistant(wrapper: unknown): void {
    const message = fieldOf(wrapper, 'message')
    const [id, model, usage] = [textOf(message, 'id'), textOf(message, 'model'), objectOf(message, 'usage')]
    if (model === NO_MODEL) this.#failure = textOf(wrapper, 'error') ?? 'unknown'
    if (id === undefined || model === undefined || model === NO_MODEL || usage === undefined) return
    if (!this.#seen.has(id)) this.#begun.set(id, { id, model, usage })
  }

  #readResult(result: unknown): void {
    const status = fieldOf(result, 'api_error_status')
    if (typeof status === 'number') this.#waiting?.fail({ status })
    else if (fieldOf(result, 'is_error') === true)
      this.#waiting?.succeedInPart({ attributes: {}, usage: undefined, failure: this.#failure ?? 'unknown' })
    this.#waiting = undefined
    const rest = this.#sums.restOf(result)
    const begun = [...this.#begun.values()]
    this.#begun.clear()
    for (const { id } of begun) this.#seen.add(id)
    if (rest === undefined) {
      diag.warn(
        'outlay: the sums of an agent cannot be told from those of the session before; sub-agents may be missing',
      )
      this.#recordBegun(begun)
      return
    }
    for (const each of rest) this.#recordRest(each, begun)
  }

  /** One begun call that accounts for the whole input is that call; else the rest is told beside what has begun. */
  #recordRest({ model, counts }: Rest, all: readonly BegunCall[]): void {
    if (isNothing(counts)) return
    const begun = all.filter((call) => isAlike(call.model, model))
    const [only] = begun
    if (begun.length === 1 && only !== undefined && isSameInput(countsOfUsage(only.usage), counts)) {
      this.#tell(model, { id: only.id, model: only.model, usage: usageOfCounts(counts) })
      return
    }
    this.#tell(model, { model, usage: usageOfCounts(counts) })
  }

  /** Where there is no sum to hold against: the input is known, and some output was billed. */
  #recordBegun(begun: readonly BegunCall[]): void {
    for (const { id, model, usage } of begun) {
      const { output_tokens: _placeholder, ...known } = usage as { readonly output_tokens?: unknown }
      this.#open(model)?.succeedInPart(anthropicMessages.answerOf({ id, model, usage: known }))
      this.#seen.add(id)
    }
    this.#begun.clear()
  }

  #tell(model: string, answer: { readonly id?: string; readonly model: string; readonly usage: object }): void {
    this.#open(model)?.succeed(anthropicMessages.answerOf(answer))
  }
}

const isAlike = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a)
