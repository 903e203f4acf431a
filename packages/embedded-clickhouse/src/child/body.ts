import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Fault } from './fault.ts'

/** The client went away before its request was complete: nobody is left to answer, and nothing may be done. */
export class IncompleteBody extends Error {}

const decoderOf = (request: IncomingMessage): Transform | undefined => {
  const encoding = request.headers['content-encoding'] ?? ''
  switch (encoding.toLowerCase()) {
    case '':
    case 'identity':
      return undefined
    case 'gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new Fault(48, 'NOT_IMPLEMENTED', 'Content-Encoding must be gzip, deflate or br', { status: 400 })
  }
}

const meter = (bytesMax: number, onChunk: (chunk: Buffer) => void): Transform => {
  let total = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length
      if (total > bytesMax) {
        done(new Fault(396, 'TOO_MANY_ROWS_OR_BYTES', `The request body exceeds ${bytesMax} bytes`, { status: 413 }))
        return
      }
      onChunk(chunk)
      done(undefined, chunk)
    },
  })
}

/**
 * Sends the body through `stages`. The request itself stays outside the pipeline, which would destroy it on an error
 * and the connection with it, and so the answer that says what was wrong.
 */
const flow = async (request: IncomingMessage, stages: readonly [Transform, Writable]): Promise<void> => {
  const decoder = decoderOf(request)
  const chain = decoder === undefined ? stages : [decoder, ...stages]
  const first = chain[0] as Transform
  const cut = (): void => {
    if (!request.complete) first.destroy(new IncompleteBody())
  }
  request.once('close', cut)
  request.pipe(first)
  try {
    await pipeline([...chain])
  } catch (error) {
    request.unpipe(first)
    if (error instanceof Fault || error instanceof IncompleteBody) throw error
    throw new Fault(271, 'CANNOT_DECOMPRESS', 'The request body is not valid in its Content-Encoding', { status: 400 })
  } finally {
    request.removeListener('close', cut)
  }
  if (!request.complete) throw new IncompleteBody()
}

/** The whole body as text. Bytes that are not UTF-8 are refused: replacing them would change data silently. */
export const readText = async (request: IncomingMessage, bytesMax: number): Promise<string> => {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await flow(request, [meter(bytesMax, () => undefined), sink])
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Fault(
      36,
      'BAD_ARGUMENTS',
      'The statement is not valid UTF-8; send binary rows as the body of INSERT … FORMAT Native',
      {
        status: 400,
      },
    )
  }
}

export interface Spooled {
  readonly path: string
  readonly bytes: number
  /** SHA-256 of the content, in hex. */
  readonly digest: string
  remove(): Promise<void>
}

/** Where insert bodies wait, readable by this user only. What a crash left behind is swept at start. */
export class Spool {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'spool')
  }

  async sweep(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { mode: 0o700 })
  }

  async write(request: IncomingMessage, bytesMax: number): Promise<Spooled> {
    const path = join(this.#folder, randomUUID())
    const hash = createHash('sha256')
    let bytes = 0
    const counted = meter(bytesMax, (chunk) => {
      hash.update(chunk)
      bytes += chunk.length
    })
    const remove = (): Promise<void> => rm(path, { force: true })
    try {
      const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
      await flow(request, [counted, file])
      if (!file.closed) await once(file, 'close')
    } catch (error) {
      await remove()
      throw error
    }
    return { path, bytes, digest: hash.digest('hex'), remove }
  }
}
