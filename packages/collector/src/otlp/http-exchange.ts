/**
 * One HTTP request → one answer: route, authenticate, check, admit, read, inflate, hand over. Who sends and whether there is
 * room is settled before `100 Continue` and before the first byte of the body is read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Admission } from './admission.ts'
import type { ByteShare } from './byte-budget.ts'
import type { Cors } from './cors.ts'
import {
  answerOf,
  type HttpAnswer,
  malformed,
  notAdmitted,
  parseContentType,
  tooLarge,
  tryAgain,
  wrongContentType,
  wrongMethod,
  wrongPath,
} from './http-answer.ts'
import { httpCredentials } from './http-credentials.ts'
import { type ContentEncoding, type Inflater, parseContentEncoding } from './inflate.ts'
import { readBody } from './read-body.ts'
import type { Reception } from './reception.ts'
import type { RequestEncoding } from './rpc-status.ts'
import { sharerOf } from './trace-intake.ts'
import { releaseBytes } from '#src/release-bytes.ts'

type Admitted = Extract<Admission, { status: 'admitted' }>

export interface ExchangeSettings extends Reception {
  readonly inflater: Inflater
  readonly tracePath: string
  readonly cors: Cors
  readonly encodings: readonly ContentEncoding[]
  readonly isDraining: () => boolean
}

/** Undefined if the client went away before its request was complete. */
export type ExchangeResult = HttpAnswer | undefined

interface Accepted {
  readonly encoding: RequestEncoding
  readonly contentEncoding: ContentEncoding
}

const pathOf = (url: string | undefined): string => {
  const path = (url ?? '/').split('?', 1)[0] ?? '/'
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

const isAnswer = (value: Accepted | HttpAnswer | Buffer | undefined): value is HttpAnswer =>
  value !== undefined && !Buffer.isBuffer(value) && 'code' in value

export const exchange = async (
  settings: ExchangeSettings,
  request: IncomingMessage,
  { response, expectsContinue }: { response: ServerResponse; expectsContinue: boolean },
): Promise<ExchangeResult> => {
  const wrongRoute = checkRoute(settings, request)
  if (wrongRoute !== undefined) return wrongRoute
  const admission = settings.admit(httpCredentials(request))
  if (admission.status !== 'admitted') {
    if (admission.status === 'over_quota' && admission.answerAfterMs > 0) await delay(admission.answerAfterMs)
    return notAdmitted(encodingOf(request) ?? 'json', admission)
  }
  const accepted = checkHead(settings, request)
  if (isAnswer(accepted)) return accepted
  const { sender } = admission
  const share = settings.budget.open(sharerOf(sender))
  try {
    const refused = admit(settings, request, { share, encoding: accepted.encoding })
    if (refused !== undefined) return refused
    if (expectsContinue) response.writeContinue()
    const wire = await readWire(settings, request, { share, encoding: accepted.encoding })
    if (!Buffer.isBuffer(wire)) return wire
    admission.spend('bytes', wire.length)
    const answer = await settings.turns.take(sharerOf(sender), wire.length, () =>
      takeIn(settings, accepted, { share, wire, admission }),
    )
    return answer ?? tryAgain(accepted.encoding, 'memory', settings.retryAfterSeconds())
  } finally {
    share.release()
  }
}

interface Arrived {
  readonly share: ByteShare
  readonly wire: Buffer
  readonly admission: Admitted
}

const takeIn = async (
  settings: ExchangeSettings,
  accepted: Accepted,
  { share, wire, admission }: Arrived,
): Promise<HttpAnswer> => {
  const body = await inflateWire(settings, accepted, { share, wire })
  if (isAnswer(body)) return body
  const { encoding } = accepted
  const outcome = await settings.intake.accept({ body, encoding, transport: 'http', sender: admission.sender })
  if (body !== wire) releaseBytes(body)
  if (outcome.status === 'accepted') admission.spend('spans', outcome.spanCount)
  return answerOf(encoding, outcome, settings.retryAfterSeconds)
}

const encodingOf = (request: IncomingMessage): RequestEncoding | undefined =>
  parseContentType(request.headers['content-type'])

const checkRoute = ({ tracePath, cors }: ExchangeSettings, request: IncomingMessage): HttpAnswer | undefined => {
  const encoding = encodingOf(request) ?? 'json'
  if (pathOf(request.url) !== tracePath) return wrongPath(encoding, tracePath)
  return request.method === 'POST' ? undefined : (cors.preflight(request) ?? wrongMethod(encoding))
}

const checkHead = (settings: ExchangeSettings, request: IncomingMessage): Accepted | HttpAnswer => {
  const encoding = encodingOf(request)
  if (encoding === undefined) return wrongContentType()
  const contentEncoding = parseContentEncoding(request.headers['content-encoding'], settings.encodings)
  if (contentEncoding === undefined) {
    const allowed = settings.encodings.map((each) => (each === 'identity' ? 'none' : each)).join(', ')
    return malformed(encoding, `the content encoding must be one of ${allowed}`, 'content-encoding')
  }
  if (settings.isDraining()) return tryAgain(encoding, 'draining', 1)
  return { encoding, contentEncoding }
}

const announcedBytes = (request: IncomingMessage): number | undefined => {
  const header = request.headers['content-length']
  return header === undefined ? undefined : Number(header)
}

interface Reading {
  readonly share: ByteShare
  readonly encoding: RequestEncoding
}

const admit = (
  settings: ExchangeSettings,
  request: IncomingMessage,
  { share, encoding }: Reading,
): HttpAnswer | undefined => {
  const bytes = announcedBytes(request) ?? 0
  if (bytes > settings.bodyBytesMax) return tooLarge(encoding, settings.bodyBytesMax)
  if (!share.take(bytes)) return tryAgain(encoding, 'memory', settings.retryAfterSeconds())
  return undefined
}

const readWire = async (
  settings: ExchangeSettings,
  request: IncomingMessage,
  { share, encoding }: Reading,
): Promise<Buffer | ExchangeResult> => {
  const announced = announcedBytes(request) !== undefined
  const result = await readBody(request, { bytesMax: settings.bodyBytesMax, share: announced ? undefined : share })
  switch (result.status) {
    case 'read':
      settings.metrics.bodyBytes('wire', result.body.length)
      return result.body
    case 'too_large':
      return tooLarge(encoding, settings.bodyBytesMax)
    case 'no_memory':
      return tryAgain(encoding, 'memory', settings.retryAfterSeconds())
    case 'aborted':
      return undefined
  }
}

const inflateWire = async (
  settings: ExchangeSettings,
  { encoding, contentEncoding }: Accepted,
  { share, wire }: { share: ByteShare; wire: Buffer },
): Promise<Buffer | HttpAnswer> => {
  // An empty request is empty in every encoding.
  if (contentEncoding === 'identity' || wire.length === 0) return wire
  const result = await settings.inflater.inflate(contentEncoding, wire)
  switch (result.status) {
    case 'inflated':
      settings.metrics.bodyBytes('inflated', result.body.length)
      return share.take(result.body.length) ? result.body : tryAgain(encoding, 'memory', settings.retryAfterSeconds())
    case 'too_large':
      return tooLarge(encoding, settings.bodyBytesMax)
    case 'malformed':
      return malformed(encoding, `the body is not a complete ${contentEncoding} stream`, 'content-encoding')
    case 'busy':
      return tryAgain(encoding, 'memory', settings.retryAfterSeconds())
  }
}
