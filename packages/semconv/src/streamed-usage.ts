/** Events of a streamed answer → the provider's usage object, as one answer would have carried it. */
import { type StreamApi, type StreamRule, STREAM_RULES } from './stream-rules.ts'

export interface StreamedUsage {
  /** Takes the next event. Anything may come; what is no event says nothing. */
  read(event: unknown): void
  /** What is known so far, in the provider's own shape; undefined before any. Events are never written to. */
  readonly usage: Readonly<Record<string, unknown>> | undefined
  /** The output counter is more than a placeholder. */
  readonly outputKnown: boolean
  /** The counters are final: status `reported`. A stream that ends before is `partial`, never zero. */
  readonly counted: boolean
  /** The model has ended its answer. */
  readonly finished: boolean
}

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const NOTHING: readonly unknown[] = []

/** Every value at a path, from its step `at` on. Asked of every chunk: it leaves nothing behind where there is nothing. */
const valuesAt = (value: unknown, path: readonly string[], at = 0): readonly unknown[] => {
  const step = path[at]
  if (step === undefined) return value === undefined || value === null ? NOTHING : [value]
  if (step !== '*') return isObject(value) ? valuesAt(value[step], path, at + 1) : NOTHING
  return Array.isArray(value) ? value.flatMap((each) => valuesAt(each, path, at + 1)) : NOTHING
}

/** Whether there is any value at a path, from its step `at` on. */
const hasValueAt = (value: unknown, path: readonly string[], at = 0): boolean => {
  const step = path[at]
  if (step === undefined) return value !== undefined && value !== null
  if (step !== '*') return isObject(value) && hasValueAt(value[step], path, at + 1)
  return Array.isArray(value) && value.some((each) => hasValueAt(each, path, at + 1))
}

const isOfType = (event: Fields, types: readonly string[] | undefined): boolean =>
  types === undefined || types.includes(String(event['type']))

const hasAnyAt = (event: Fields, places: StreamRule['finished']): boolean =>
  places.some(({ types, path }) => isOfType(event, types) && hasValueAt(event, path))

const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))

class UsageOfStream implements StreamedUsage {
  readonly #rule: StreamRule
  #usage: Fields | undefined
  #outputKnown = false
  #final = false
  #finished = false

  constructor(rule: StreamRule) {
    this.#rule = rule
  }

  read(event: unknown): void {
    if (!isObject(event)) return
    this.#finished ||= hasAnyAt(event, this.#rule.finished)
    const hasUsage = this.#takeUsage(event)
    this.#final ||= this.#isFinal(event, hasUsage)
  }

  #takeUsage(event: Fields): boolean {
    let taken = false
    for (const { types, path, merge, placeholder = false } of this.#rule.usage) {
      for (const found of isOfType(event, types) ? valuesAt(event, path) : []) {
        if (!isObject(found) || (merge === 'fallback' && this.#outputKnown)) continue
        // A copy: helpers of the SDKs go on writing into their events.
        const fields = merge === 'fields' ? withoutNulls(found) : { ...found }
        if (Object.keys(fields).length === 0) continue
        this.#usage = merge === 'fields' ? { ...this.#usage, ...fields } : fields
        this.#outputKnown ||= !placeholder
        taken = true
      }
    }
    return taken
  }

  #isFinal(event: Fields, hasUsage: boolean): boolean {
    const { countedBy, emptyWhenFinal } = this.#rule
    if (countedBy === 'usage_event') return hasUsage
    if (countedBy === 'end_of_answer') return this.#finished && this.#outputKnown
    if (!hasUsage || this.#finished) return hasUsage
    return emptyWhenFinal !== undefined && !hasValueAt(event, [...emptyWhenFinal, '*'])
  }

  get usage(): Fields | undefined {
    return this.#usage
  }

  get outputKnown(): boolean {
    return this.#outputKnown
  }

  get counted(): boolean {
    return this.#final
  }

  get finished(): boolean {
    return this.#finished
  }
}

/** Follows one streamed answer of an API. */
export const createStreamedUsage = (api: StreamApi): StreamedUsage => new UsageOfStream(STREAM_RULES[api])
