/** Reads a request body into memory, giving up as soon as it is too large. */
import type { IncomingMessage } from 'node:http'
import type { ByteShare } from './byte-budget.ts'

export type BodyResult =
  | { readonly status: 'read'; readonly body: Buffer }
  | { readonly status: 'too_large' }
  | { readonly status: 'no_memory' }
  /** The client went away; nobody waits for an answer. */
  | { readonly status: 'aborted' }

export interface ReadBodySettings {
  readonly bytesMax: number
  /** Set if the length was announced and is paid for already; otherwise every chunk is. */
  readonly share: ByteShare | undefined
}

export const readBody = (request: IncomingMessage, { bytesMax, share }: ReadBodySettings): Promise<BodyResult> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (result: BodyResult): void => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('close', onClose)
      resolve(result)
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > bytesMax) settle({ status: 'too_large' })
      else if (share !== undefined && !share.take(chunk.length)) settle({ status: 'no_memory' })
      else chunks.push(chunk)
    }
    const onEnd = (): void => {
      const [only] = chunks
      settle({ status: 'read', body: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes) })
    }
    const onClose = (): void => settle({ status: 'aborted' })
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('close', onClose)
    request.on('error', onClose)
  })

const DISCARD_BYTES_MAX = 4 * 1024 * 1024
const DISCARD_MS_MAX = 1_000

/**
 * Reads on for a moment after a refusal, so that the client gets to see it: closing with unread bytes resets the
 * connection and may throw the answer away.
 */
export const discardBody = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    let bytes = 0
    const timer = setTimeout(resolve, DISCARD_MS_MAX)
    const finish = (): void => {
      clearTimeout(timer)
      resolve()
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > DISCARD_BYTES_MAX) {
        request.pause()
        finish()
      }
    })
    request.on('end', finish)
    request.on('close', finish)
    request.resume()
  })
