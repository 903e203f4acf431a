/**
 * CORS: which pages of a browser may send. Off unless origins are configured. An origin that is not allowed is told nothing.
 * Credentials of the browser are never asked for: a sender shows its token in a header.
 */
import type { IncomingMessage } from 'node:http'
import type { HttpAnswer } from './http-answer.ts'

export interface CorsSettings {
  /** `https://app.example.com`, `https://*.example.com` for one label in front, or `*` for all. */
  readonly allowedOrigins: readonly string[]
  /** Beside those that every sender of OTLP needs. */
  readonly allowedHeaders?: readonly string[]
  /** How long a browser may remember the answer. */
  readonly maxAgeSeconds?: number
}

/** What exporters in a browser send. */
const HEADERS = ['content-type', 'content-encoding', 'authorization']
const MAX_AGE_SECONDS = 7_200
const WILDCARD = '://*.'

type Headers = Readonly<Record<string, string>>

export class Cors {
  readonly #settings: CorsSettings | undefined
  readonly #exact: ReadonlySet<string>
  /** What stands before and behind the label, such as `https://` and `.example.com`. */
  readonly #wildcards: readonly (readonly [before: string, behind: string])[]

  constructor(settings: CorsSettings | undefined) {
    this.#settings = settings
    const origins = (settings?.allowedOrigins ?? []).map((origin) => origin.toLowerCase())
    this.#exact = new Set(origins.filter((origin) => !origin.includes(WILDCARD)))
    this.#wildcards = origins
      .filter((origin) => origin.includes(WILDCARD))
      .map((origin) => {
        const at = origin.indexOf('*')
        return [origin.slice(0, at), origin.slice(at + 1)]
      })
  }

  /** Of every answer to a request of a page. */
  headersOf(request: IncomingMessage): Headers {
    if (this.#settings === undefined) return {}
    const allowed = this.#allowedOrigin(request)
    // What is said depends on who asks, also where nothing is said.
    if (allowed === undefined) return { vary: 'Origin' }
    return { vary: 'Origin', 'access-control-allow-origin': allowed, 'access-control-expose-headers': 'retry-after' }
  }

  /** The answer to what a browser asks before it sends; undefined if this is no such question, or is not allowed. */
  preflight(request: IncomingMessage): HttpAnswer | undefined {
    const isQuestion = request.method === 'OPTIONS' && request.headers['access-control-request-method'] === 'POST'
    if (!isQuestion || this.#settings === undefined || this.#allowedOrigin(request) === undefined) return undefined
    const { allowedHeaders = [], maxAgeSeconds = MAX_AGE_SECONDS } = this.#settings
    const headers = new Set([...HEADERS, ...allowedHeaders.map((name) => name.toLowerCase())])
    return {
      code: 204,
      body: Buffer.alloc(0),
      headers: {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': [...headers].join(', '),
        'access-control-max-age': String(maxAgeSeconds),
      },
    }
  }

  #allowedOrigin(request: IncomingMessage): string | undefined {
    const { origin } = request.headers
    if (typeof origin !== 'string') return undefined
    if (this.#exact.has('*')) return '*'
    return this.#exact.has(origin) || this.#wildcards.some((wildcard) => fits(origin, wildcard)) ? origin : undefined
  }
}

/** Exactly one label stands for the star. */
const fits = (origin: string, [before, behind]: readonly [string, string]): boolean => {
  if (!origin.startsWith(before) || !origin.endsWith(behind)) return false
  return /^[a-z0-9-]+$/.test(origin.slice(before.length, origin.length - behind.length))
}
