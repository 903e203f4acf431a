/** A language model with each of its calls attributed and counted, for frameworks that take models and no middleware. */
import { around } from '#src/frameworks/around.ts'
import { askingForEvents, observeResult, observeStreamed } from './observe-call.ts'
import type { AiSdkModel } from './model-facts.ts'

export interface AiSdkLanguageModel extends AiSdkModel {
  doGenerate(params: never): PromiseLike<unknown>
  doStream(params: never): PromiseLike<{ readonly stream: ReadableStream }>
}

/** The part of a model that is replaced, with its parameters as they come. */
interface Callable extends AiSdkModel {
  doGenerate(params: object): PromiseLike<unknown>
  doStream(params: object): PromiseLike<{ readonly stream: ReadableStream }>
}

const observed = new WeakSet<object>()

export const observeLanguageModel = <Model extends AiSdkLanguageModel>(model: Model): Model => {
  if (observed.has(model)) return model
  const plain = model as unknown as Callable
  const wrapped = around<Callable>(plain, {
    doGenerate: (params) => observeResult('chat', { model, params }, () => plain.doGenerate(params)),
    doStream(params) {
      const asking = askingForEvents(params)
      return observeStreamed({ model, params }, asking !== undefined, () => plain.doStream(asking ?? params))
    },
  })
  observed.add(wrapped)
  return wrapped as unknown as Model
}
