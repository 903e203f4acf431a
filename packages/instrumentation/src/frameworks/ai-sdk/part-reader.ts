/** Reads the parts of a streamed answer: the provider's own events among them, which are asked for and hidden again. */
import type { Answer, StreamReader } from '#src/call/model-api.ts'
import { fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { createEventReader } from '#src/frameworks/provider-answer.ts'
import { answerFromCounters, identified } from './usage-answer.ts'

export interface PartReader extends StreamReader {
  /** What the provider gave as the reason for breaking off; `undefined` = it did not. */
  readonly error: unknown
}

/** `hidesEvents`: the caller did not ask for the provider's events. */
export const createPartReader = (provider: string, hidesEvents: boolean): PartReader => {
  const events = createEventReader(provider)
  let response: unknown
  let finish: unknown
  let error: unknown
  const read: Readonly<Record<string, (part: unknown) => boolean>> = {
    raw(part) {
      events.read(fieldOf(part, 'rawValue'))
      return !hidesEvents
    },
    'response-metadata'(part) {
      response = part
      return true
    },
    finish(part) {
      finish = part
      return true
    },
    error(part) {
      error = fieldOf(part, 'error') ?? new Error('the provider broke the stream off')
      return true
    },
  }
  const answer = (): Answer => {
    const told = events.answer()
    return identified(events.counted || finish === undefined ? told : answerFromFinish(told), response)
  }
  const answerFromFinish = (told: Answer): Answer => {
    const counted = answerFromCounters(finish, provider)
    // A body that was cut off counts less than the SDK's own sum of it.
    return { ...counted, attributes: { ...told.attributes, ...counted.attributes } }
  }
  return {
    read: (part) => read[textOf(part, 'type') ?? '']?.(part) ?? true,
    answer,
    get counted() {
      return events.counted || (finish !== undefined && error === undefined && hasCounters(finish))
    },
    get finished() {
      return finish !== undefined && error === undefined
    },
    get error() {
      return error
    },
  }
}

const hasCounters = (finish: unknown): boolean => {
  const usage = objectOf(finish, 'usage')
  const input = fieldOf(usage, 'inputTokens')
  return typeof input === 'number' || typeof fieldOf(input, 'total') === 'number'
}
