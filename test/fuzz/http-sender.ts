/** Bodies to an OTLP/HTTP server over a few kept connections; answers are judged as a client would read them. */
import { Agent, type IncomingMessage, request } from 'node:http'
import type { FuzzCase } from '../../packages/collector/test/fuzz/fuzz-case.ts'
import { decodeMessage, type Plain } from '../../packages/collector/test/otlp/otlp-schema.ts'

export interface Sender {
  /** Resolves with the code of the answer; rejects with what is wrong about it. */
  send(fuzzCase: FuzzCase): Promise<number>
  close(): void
}

const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' } as const
/** A server may close a kept connection just as it is used again: that is no answer, and the next one is new. */
const ATTEMPTS_MAX = 3
const OK = 200
const SERVER_ERRORS = 500

const answerTo = (agent: Agent, port: number, fuzzCase: FuzzCase): Promise<{ code: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const { encoding, contentEncoding, wire } = fuzzCase
    const headers = {
      'content-type': TYPES[encoding],
      'content-length': wire.length,
      ...(contentEncoding === 'identity' ? {} : { 'content-encoding': contentEncoding }),
    }
    const outgoing = request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/traces', headers })
    outgoing.on('error', reject)
    outgoing.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
    outgoing.end(wire)
  })

/** The Status or the response, in the encoding of the request. */
const readAnswer = (encoding: FuzzCase['encoding'], code: number, body: Buffer): Plain => {
  if (encoding === 'json') return JSON.parse(body.toString()) as Plain
  return decodeMessage(code === OK ? 'ExportTraceServiceResponse' : 'RpcStatus', body)
}

export const createHttpSender = (port: number): Sender => {
  const agent = new Agent({ keepAlive: true })
  const answered = async (fuzzCase: FuzzCase, attempt = 1): Promise<{ code: number; body: Buffer }> => {
    try {
      return await answerTo(agent, port, fuzzCase)
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error
      return answered(fuzzCase, attempt + 1)
    }
  }
  return {
    send: async (fuzzCase) => {
      const { code, body } = await answered(fuzzCase)
      const said = readAnswer(fuzzCase.encoding, code, body)
      if (code >= SERVER_ERRORS) throw new Error(`answered ${code}`)
      if (code !== OK && (typeof said['message'] !== 'string' || said['message'] === '')) {
        throw new Error(`${code} without a message`)
      }
      return code
    },
    close: () => agent.destroy(),
  }
}
