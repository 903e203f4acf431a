/** How the sender posts: over kept connections, as exporters do. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:http2'
import { callGrpc } from '../../harness/grpc-frames.ts'
import type { Sending } from './work.ts'

export interface Transport {
  /** Resolves when the body was acked; rejects on any other answer. */
  post(wire: Buffer, sending: Sending): Promise<void>
  close(): void
}

const TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' } as const
const OK = 200
const SESSION_MB_MAX = 1_024

export const createHttpTransport = (url: string): Transport => {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(url)
  return {
    post: (wire, { encoding, compression }) =>
      new Promise((resolve, reject) => {
        const headers = {
          'content-type': TYPES[encoding],
          'content-length': wire.length,
          ...(compression === 'identity' ? {} : { 'content-encoding': compression }),
        }
        const outgoing = request({ agent, hostname, port, method: 'POST', path: '/v1/traces', headers })
        outgoing.on('error', reject)
        outgoing.on('response', (response: IncomingMessage) => {
          response.on('error', reject)
          response.on('end', () => {
            if (response.statusCode === OK) resolve()
            else reject(new Error(`answered ${response.statusCode}`))
          })
          response.resume()
        })
        outgoing.end(wire)
      }),
    close: () => agent.destroy(),
  }
}

export const createGrpcTransport = (url: string): Transport => {
  // Of a client of Node: 10 MB by default, which is a few requests without compression.
  const session = connect(url, { maxSessionMemory: SESSION_MB_MAX })
  return {
    post: async (wire, { compression }) => {
      const { status } = await callGrpc(session, wire, compression)
      if (status !== 0) throw new Error(`answered gRPC ${status}`)
    },
    close: () => session.close(),
  }
}
