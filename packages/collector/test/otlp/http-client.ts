import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'

export interface Answer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Sending {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** One request over a connection of its own. Without content-length it is sent chunked. */
export const send = async (port: number, sending: Sending): Promise<Answer> => {
  const { method = 'POST', path = '/v1/traces', headers = {}, body = '' } = sending
  const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false })
  // A refusal may end the connection while the body is still being sent.
  outgoing.on('error', () => undefined)
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { code: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

const lengthOf = (body: Buffer | string): Record<string, string> => ({ 'content-length': `${Buffer.byteLength(body)}` })

export const sendProtobuf = (port: number, body: Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  send(port, { body, headers: { 'content-type': 'application/x-protobuf', ...lengthOf(body), ...headers } })

export const sendJson = (port: number, value: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
  const body = typeof value === 'string' ? value : JSON.stringify(value)
  return send(port, { body, headers: { 'content-type': 'application/json', ...lengthOf(body), ...headers } })
}

/** Writes text on a raw connection and returns everything that came back until it ended. */
export const sendRaw = async (port: number, text: string): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
