/**
 * LlamaIndex's models. Those of OpenAI and Anthropic throw events of a stream away, and the usage with them, so the client inside
 * is wrapped, which counts embeddings as well. Others are measured by the raw answers that they hand on.
 */
import { OutlayError } from '@outlay/core'
import { NO_ANSWER, type StreamReader } from '#src/call/model-api.ts'
import { fieldOf, isObject, textOf } from '#src/call/untyped.ts'
import { startFrameworkCall } from '#src/frameworks/framework-call.ts'
import { observeAnswer, observeEvents } from '#src/frameworks/observe-generator.ts'
import { answerFromBody, createEventReader } from '#src/frameworks/provider-answer.ts'
import { isWrappable, wrap } from '#src/wrap.ts'

type Chat = (params: object) => Promise<unknown>

const observed = new WeakSet<object>()

/**
 * The same model, changed so that its calls are attributed and counted, and refused without required attribution.
 *
 * ```ts
 * Settings.llm = outlayModel(new OpenAI({ model: 'gpt-5' }))
 * Settings.embedModel = outlayModel(new OpenAIEmbedding())
 * ```
 * `provider`: who bills, for models that bring no client which `wrap` knows; default: the name of the class. Fails with
 * `E_WRAP_CLIENT` on something that is no model, or has a client that `wrap` does not know and no `chat`.
 */
export const outlayModel = <Model extends object>(model: Model, { provider }: { provider?: string } = {}): Model => {
  if (observed.has(model)) return model
  const session = Object.getOwnPropertyDescriptor(model, 'session')
  if (session === undefined && 'session' in model) wrapWhenAsked(model)
  else if (isObject(session?.value) && clientNames(session.value).length > 0) wrapIn(model, session.value)
  else if (typeof fieldOf(model, 'chat') === 'function') observeChat(model, provider ?? classNameOf(model))
  else throw notAModel(model)
  observed.add(model)
  return model
}

const classNameOf = (model: object): string => model.constructor.name.toLowerCase()

const notAModel = (model: object): OutlayError =>
  new OutlayError('E_WRAP_CLIENT', 'not a model of LlamaIndex that can be measured', {
    got: model.constructor.name,
    want: 'an LLM, or an embedding model that has a client of OpenAI inside',
    fix: 'pass the model itself, or tell its calls with recordCall()',
  })

const clientNames = (session: object): readonly string[] =>
  Object.entries(session).flatMap(([name, value]) => (isObject(value) && isWrappable(value) ? [name] : []))

/** OpenAI's models make their client at the first call, and keep it to themselves. */
const wrapWhenAsked = (model: object): void => {
  let wrapped: Promise<object> | undefined
  const client = (): Promise<object> =>
    Promise.resolve(Reflect.get(Object.getPrototypeOf(model) as object, 'session', model) as Promise<object>).then(wrap)
  Object.defineProperty(model, 'session', { configurable: true, get: () => (wrapped ??= client()) })
}

/** Anthropic's sessions are shared between models: this one gets its own. */
const wrapIn = (model: object, session: object): void => {
  const own: object = Object.assign(Object.create(Object.getPrototypeOf(session) as object), session)
  for (const name of clientNames(session)) Reflect.set(own, name, wrap(Reflect.get(session, name) as object))
  Reflect.set(model, 'session', own)
}

/** The helpers of a model (`complete`, `exec`, agents) end in its `chat`. */
const observeChat = (model: object, provider: string): void => {
  const chat = (Reflect.get(model, 'chat') as Chat).bind(model)
  const start = () =>
    startFrameworkCall({ operation: 'chat', provider, model: textOf(fieldOf(model, 'metadata'), 'model') ?? '' })
  const observedChat: Chat = async (params) => {
    if (fieldOf(params, 'stream') !== true) {
      return observeAnswer(
        start(),
        () => chat(params),
        (response) => answerFromBody(fieldOf(response, 'raw'), provider) ?? NO_ANSWER,
      )
    }
    const started = start()
    return observeEvents({
      start: () => started,
      open: () => chat(params) as Promise<AsyncIterable<unknown>>,
      reader: createRawReader(provider),
    })
  }
  Object.defineProperty(model, 'chat', { value: observedChat, configurable: true, writable: true })
}

const createRawReader = (provider: string): StreamReader => {
  const events = createEventReader(provider)
  return {
    read(chunk) {
      events.read(fieldOf(chunk, 'raw'))
      return true
    },
    answer: () => events.answer(),
    get counted() {
      return events.counted
    },
    get finished() {
      return events.finished
    },
  }
}
