/**
 * What the attributes of a span say, found in one pass over them. Everything else asks the facts: asking a span for keys
 * that it does not have costs more than all the rest of settlement.
 */
import type { AliasEntry } from './alias-chains.ts'
import { parseCount, textOf } from './attribute-values.ts'
import type { AttributionSource } from './attribution-sources.ts'
import { type Counters, newCounters } from './counters.ts'
import type { SpanRole } from './dialect-rule.ts'
import type { Attributes, AttributeValue } from './evidence.ts'
import type { QualityFlag } from './flags.ts'
import { type KeyIndex, type KeyUse, type RoleUse, TEXT, type TextUse } from './key-index.ts'

export interface SpanFacts {
  /** By alias chains: the first present alias wins, and one that differs is flagged, never summed. */
  readonly counters: Readonly<Counters>
  readonly flags: readonly QualityFlag[]
  /** By attribute values; undefined = none speaks of a role. */
  readonly role: SpanRole | undefined
  /** Bits of `TOPIC`: what the span has any key of. */
  readonly topics: number
  /** By place in `TEXT`; empty = not given. */
  readonly texts: readonly string[]
}

/** `place`: one of `TEXT`. */
export const textFact = ({ texts }: SpanFacts, place: number): string => texts[place] ?? ''

export const speaksOf = ({ topics }: SpanFacts, topic: number): boolean => (topics & topic) !== 0

const NO_COUNTERS = newCounters()
const NO_TEXTS: readonly string[] = Object.keys(TEXT).map(() => '')
const NO_FLAGS: readonly QualityFlag[] = []
/** What Micrometer writes where there is no value: Spring AI's calls that fail have a model of that name. */
const NO_VALUE = 'none'
const ANSWERED: ReadonlySet<number> = new Set([TEXT.requestModel, TEXT.responseModel, TEXT.responseId])
/** Behind every chain; a small integer, as the others. */
const NOT_FOUND = 0x3fff_ffff

/** Reads spans with one index. Reused from span to span: only what it found is new. */
export class FactReader {
  readonly #index: KeyIndex
  #counters: Counters | undefined
  #texts: string[] | undefined
  #flags: QualityFlag[] | undefined
  #topics = 0
  #role: SpanRole | undefined
  #roleOrder = NOT_FOUND
  /** Positions in their chains of the keys that gave the counters and texts. */
  readonly #counterOrders = newCounters()
  readonly #textOrders = NO_TEXTS.map(() => NOT_FOUND)

  constructor(index: KeyIndex) {
    this.#index = index
  }

  read(attributes: Attributes): SpanFacts {
    this.#counters = this.#texts = this.#flags = this.#role = undefined
    this.#topics = 0
    this.#roleOrder = NOT_FOUND
    for (const key of Object.keys(attributes)) {
      const use = this.#index.get(key)
      if (use !== undefined) this.#add(attributes, attributes[key], use)
    }
    return {
      counters: this.#counters ?? NO_COUNTERS,
      flags: this.#flags ?? NO_FLAGS,
      role: this.#role,
      topics: this.#topics,
      texts: this.#texts ?? NO_TEXTS,
    }
  }

  #add(attributes: Attributes, value: AttributeValue | undefined, { counter, role, texts, topics }: KeyUse): void {
    this.#topics |= topics
    if (role !== undefined && role.order < this.#roleOrder) this.#hear(role, textOf(value))
    if (counter !== undefined) this.#count(counter, parseCount(value))
    for (const use of texts) this.#text(use, textFrom(attributes, value, use.source))
  }

  #hear({ speak, order }: RoleUse, text: string): void {
    const role = speak(text)
    if (role === undefined) return
    this.#role = role
    this.#roleOrder = order
  }

  #text({ place, order }: TextUse, text: string): void {
    if (text === '' || (text === NO_VALUE && ANSWERED.has(place))) return
    if (this.#texts === undefined) {
      this.#texts = NO_TEXTS.slice()
      this.#textOrders.fill(NOT_FOUND)
    }
    if ((this.#textOrders[place] ?? 0) < order) return
    this.#texts[place] = text
    this.#textOrders[place] = order
  }

  #count({ counter, order }: AliasEntry, count: number | 'bad' | undefined): void {
    if (count === undefined) return
    if (count === 'bad') {
      this.#flag('bad_number')
      return
    }
    this.#counters ??= newCounters()
    const present = this.#counters[counter]
    if (present !== undefined && present !== count) this.#flag('alias_conflict')
    // Of a counter that is not there yet the position is one of an earlier span.
    if (present !== undefined && (this.#counterOrders[counter] ?? 0) < order) return
    this.#counters[counter] = count
    this.#counterOrders[counter] = order
  }

  #flag(flag: QualityFlag): void {
    this.#flags ??= []
    this.#flags.push(flag)
  }
}

/** Words end at single spaces; from 1. */
const nthWord = (text: string, word: number): string => {
  let start = 0
  for (let passed = 1; passed < word; passed += 1) {
    const space = text.indexOf(' ', start)
    if (space < 0) return ''
    start = space + 1
  }
  const end = text.indexOf(' ', start)
  return end < 0 ? text.slice(start) : text.slice(start, end)
}

const besideSlash = (text: string, side: 'before' | 'after'): string => {
  const slash = text.indexOf('/')
  if (slash < 0) return ''
  return side === 'before' ? text.slice(0, slash) : text.slice(slash + 1)
}

const textFrom = (
  attributes: Attributes,
  value: AttributeValue | undefined,
  { when, word, slash }: AttributionSource,
): string => {
  if (when !== undefined && textOf(attributes[when[0]]) !== when[1]) return ''
  const text = textOf(value)
  if (slash !== undefined) return besideSlash(text, slash)
  return word === undefined ? text : nthWord(text, word)
}
