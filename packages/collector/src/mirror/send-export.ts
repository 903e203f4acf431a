/**
 * One export request to another OTLP backend, and what its answer means by the specification of OTLP: 429, 502, 503 and 504
 * and every lost answer are sent again, other refusals of a request are final for that request.
 */
import { gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { WireReader } from '#src/otlp/wire-reader.ts'
import type { MirrorSettings } from './mirror-settings.ts'

export type ExportOutcome =
  | { readonly status: 'taken'; readonly rejectedSpans: number }
  /** To be sent again, not before `retryAfterMs` where the backend says so. */
  | { readonly status: 'retryable'; readonly code: string; readonly retryAfterMs?: number }
  /** Who we are or where we send to is wrong: nothing else would be taken either. */
  | { readonly status: 'misconfigured'; readonly code: string }
  /** This request will never be taken. */
  | { readonly status: 'refused'; readonly code: string }

const RETRYABLE = new Set([429, 502, 503, 504])
const MISCONFIGURED = new Set([401, 403, 404, 405, 415])
const MS_PER_SECOND = 1_000
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

const compress = promisify(gzip)

/** Never throws for anything that the backend or the network does. */
export const sendExport = async (
  body: Buffer,
  { url, headers, compression, timeoutMs }: MirrorSettings,
  stop: AbortSignal,
): Promise<ExportOutcome> => {
  const isPacked = compression === 'gzip'
  const payload = isPacked ? await compress(body) : body
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      },
      body: new Uint8Array(payload),
      // The operator named one place; wherever that would send us to was not meant.
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    })
    const answer = await readAnswer(response)
    if (response.ok) return { status: 'taken', rejectedSpans: rejectedIn(answer) }
    const code = String(response.status)
    if (RETRYABLE.has(response.status)) return { status: 'retryable', code, ...retryAfterOf(response) }
    if (MISCONFIGURED.has(response.status) || response.status < 400) return { status: 'misconfigured', code }
    return response.status >= 500 ? { status: 'retryable', code } : { status: 'refused', code }
  } catch {
    return { status: 'retryable', code: 'network' }
  }
}

/** To its end, so that the connection can be used again; an endless answer is cut. */
const readAnswer = async (response: Response): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const retryAfterOf = (response: Response): { readonly retryAfterMs?: number } => {
  const text = response.headers.get('retry-after')
  if (text === null) return {}
  const seconds = Number(text)
  const ms = Number.isFinite(seconds) ? seconds * MS_PER_SECOND : Date.parse(text) - Date.now()
  return ms >= 0 ? { retryAfterMs: ms } : {}
}

const PARTIAL_SUCCESS_TAG = 0x0a
const REJECTED_SPANS_TAG = 0x08

/** `partial_success.rejected_spans`; an answer that is no message of OTLP rejects nothing. */
const rejectedIn = (answer: Buffer): number => {
  try {
    const reader = new WireReader(answer)
    if (answer.length === 0 || reader.tag(answer.length) !== PARTIAL_SUCCESS_TAG) return 0
    const end = reader.payloadEnd(answer.length)
    return reader.tag(end) === REJECTED_SPANS_TAG ? reader.varint(end) : 0
  } catch {
    return 0
  }
}
