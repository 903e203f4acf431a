/**
 * Fields of an OTLP/JSON request, read with the rules of proto3 JSON and OTLP's own (hex ids). Names the exact place of
 * the first mistake and never a value. `null` is absent; names that are not asked for are never looked at.
 */
import { limits } from '@outlay/core'

/** The request cannot be read. `path` is like `resourceSpans[0].scopeSpans[0].spans[3].startTimeUnixNano`. */
export class JsonRequestError extends Error {
  readonly path: string

  constructor(what: string, path: string) {
    super(path === '' ? what : `${what} at ${path}`)
    this.name = 'JsonRequestError'
    this.path = path
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

/** A bare integer that a double may not hold: strings begin with a quote and do not match. */
const LONG_BARE_INTEGER = /[\s:,[-]\d{16}/
const INTEGER_SOURCE = /^-?\d{1,40}$/

interface ReviverContext {
  readonly source?: string
}

/** `JSON.parse` rounds 9007199254740993 to …992: integers that are not exact as numbers come back as bigint. */
const keepExact = (_key: string, value: unknown, context?: ReviverContext): unknown => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && INTEGER_SOURCE.test(source) ? BigInt(source) : value
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Iterative: `JSON.parse` takes a hundred thousand nested arrays, and whatever walks them would not. */
const nestsDeeperThan = (text: string, depthMax: number): boolean => {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === BACKSLASH) at += 1
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) {
      inString = true
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1
      if (depth > depthMax) return true
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1
    }
  }
  return false
}

/** The parsed root object. Throws `JsonRequestError`. */
export const parseJsonRequest = (text: string): JsonObject => {
  if (nestsDeeperThan(text, limits.jsonNestingMax)) {
    throw new JsonRequestError(`JSON nests deeper than ${limits.jsonNestingMax} levels`, '')
  }
  let value: unknown
  try {
    value = LONG_BARE_INTEGER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text)
  } catch {
    // The parser's own text quotes the input.
    throw new JsonRequestError('malformed JSON', '')
  }
  if (!isObject(value)) throw new JsonRequestError('a request must be a JSON object', '')
  return value
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const DECIMAL = /^-?\d{1,20}$/
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const UINT64_MAX = 2n ** 64n - 1n
const UINT32_MAX = 0xffffffff

/** Reads fields while keeping track of where it is. One per request. */
export class JsonFieldReader {
  readonly #path: (string | number)[] = []

  fail(what: string): never {
    const path = this.#path.reduce<string>((before, step) => {
      if (typeof step === 'number') return `${before}[${step}]`
      return before === '' ? step : `${before}.${step}`
    }, '')
    throw new JsonRequestError(what, path)
  }

  /** Runs `read` with `step` added to the path. */
  within<T>(step: string | number, read: () => T): T {
    this.#path.push(step)
    const result = read()
    this.#path.pop()
    return result
  }

  /** Own properties only; absent and null are undefined. */
  own(object: JsonObject, name: string): unknown {
    return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined
  }

  /** Visits the elements of a list from the last to the first; each must be an object. */
  eachReversed(object: JsonObject, name: string, visit: (element: JsonObject) => void): void {
    const list = this.own(object, name)
    if (list === undefined) return
    this.within(name, () => {
      if (!Array.isArray(list)) this.fail('expected a list')
      for (let index = list.length - 1; index >= 0; index -= 1) {
        this.within(index, () => visit(this.object(list[index])))
      }
    })
  }

  object(value: unknown): JsonObject {
    return isObject(value) ? value : this.fail('expected an object')
  }

  text(object: JsonObject, name: string): string {
    const value = this.own(object, name) ?? ''
    return typeof value === 'string' ? value : this.within(name, () => this.fail('expected a string'))
  }

  uint32(object: JsonObject, name: string): number {
    const value = this.#integer(object, name) ?? 0n
    if (value < 0n || value > BigInt(UINT32_MAX))
      this.within(name, () => this.fail('expected an unsigned 32-bit integer'))
    return Number(value)
  }

  uint64(object: JsonObject, name: string): bigint {
    const value = this.#integer(object, name) ?? 0n
    if (value < 0n || value > UINT64_MAX) this.within(name, () => this.fail('expected an unsigned 64-bit integer'))
    return value
  }

  /** An enum as integer or name; a name this version does not know counts as unspecified. */
  enumeration(object: JsonObject, name: string, names: readonly string[]): number {
    const value = this.own(object, name)
    if (typeof value === 'string' && !DECIMAL.test(value)) return Math.max(names.indexOf(value), 0)
    return this.uint32(object, name)
  }

  /** A signed 64-bit integer, or the double it was if no such integer exists. */
  int64(value: unknown): bigint | number {
    if (typeof value === 'number' && !Number.isInteger(value)) return value
    const exact = this.#exact(value)
    if (exact >= INT64.min && exact <= INT64.max) return exact
    // Some SDKs write every whole number as intValue, also 1e21.
    return typeof value === 'number' ? value : this.fail('expected a signed 64-bit integer')
  }

  double(value: unknown): number {
    if (typeof value === 'number') return value
    if (typeof value === 'bigint') return Number(value)
    if (typeof value === 'string') {
      if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
      if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return Number(value)
    }
    return this.fail('expected a number')
  }

  /** Base64 in either alphabet, padded or not. */
  base64(value: unknown): Buffer {
    if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) this.fail('expected base64')
    return Buffer.from(value, 'base64')
  }

  #integer(object: JsonObject, name: string): bigint | undefined {
    const value = this.own(object, name)
    return value === undefined ? undefined : this.within(name, () => this.#exact(value))
  }

  #exact(value: unknown): bigint {
    if (typeof value === 'bigint') return value
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
    if (typeof value === 'string' && DECIMAL.test(value)) return BigInt(value)
    return this.fail('expected an integer')
  }
}
