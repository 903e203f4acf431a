/** Answers over HTTP: JSON with an ETag per result, pages, and refusals with the status that fits their code. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OutlayError } from '@outlay/core'
import type { Refusal } from '#src/shared/answers.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export const sendAnswer = ({ request, response }: Exchange, { status, type, body, headers = {} }: Answer): void => {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'cache-control': 'no-store',
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

export const sendHtml = (exchange: Exchange, status: number, body: string): void =>
  sendAnswer(exchange, { status, type: 'text/html; charset=utf-8', body, headers: { 'cache-control': 'no-cache' } })

const sendJson = (exchange: Exchange, status: number, body: object, headers: Readonly<Record<string, string>>): void =>
  sendAnswer(exchange, { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n`, headers })

const ETAG_BYTES = 16

/** The tag is of the figures alone: their age is a header, which a browser that has the figures gets without them. */
export const sendFigures = (exchange: Exchange, figures: object, ageMs: number): void => {
  const digest = createHash('sha256').update(JSON.stringify(figures)).digest()
  const etag = `"${digest.subarray(0, ETAG_BYTES).toString('hex')}"`
  const headers = { etag, age: String(Math.round(ageMs / 1_000)), 'cache-control': 'private, no-cache' }
  if (exchange.request.headers['if-none-match']?.split(/,\s*/).includes(etag)) {
    exchange.response.writeHead(304, { ...SECURITY_HEADERS, ...headers }).end()
    return
  }
  sendJson(exchange, 200, figures, headers)
}

const STATUS: Readonly<Record<string, number>> = {
  E_UNREACHABLE: 503,
  E_QUERY: 503,
  E_PANEL_NOT_BUILT: 503,
  E_NOT_FOUND: 404,
  E_HOST: 403,
}
const BAD_QUESTION = 400
const OUR_MISTAKE = 500

/** The status of a failure: what a person can correct is theirs, what has no code is ours. */
export const statusOf = (error: unknown): number =>
  error instanceof OutlayError ? (STATUS[error.code] ?? BAD_QUESTION) : OUR_MISTAKE

export const sendRefusal = (exchange: Exchange, error: unknown): void => {
  const refusal: Refusal =
    error instanceof OutlayError
      ? {
          error: {
            code: error.code,
            message: error.message,
            ...(error.details.got === undefined ? {} : { got: error.details.got }),
            ...(error.details.want === undefined ? {} : { want: error.details.want }),
          },
        }
      : { error: { code: 'BUG', message: 'the panel made a mistake of its own; its process says more' } }
  const status = statusOf(error)
  sendJson(exchange, status, refusal, {
    'cache-control': 'no-store',
    ...(status === 503 ? { 'retry-after': '5' } : {}),
  })
}
