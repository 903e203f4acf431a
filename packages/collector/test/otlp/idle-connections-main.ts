/** Senders that are connected and say nothing: each had one answer, so that it is known to be held. In a process of its own, for its descriptors. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PROTOBUF } from './answers.ts'

/** What the process is told; to each it answers one line of text. */
export type IdleOrder =
  | { readonly order: 'open'; readonly port: number; readonly connections: number }
  /** On a connection that is open already, `body` in base64; the answer is the first line of HTTP. */
  | { readonly order: 'send'; readonly body: string }
  | { readonly order: 'end one' }

/** As many as wait to be accepted at a time. */
const OPENING_AT_ONCE = 200
const sockets: Socket[] = []

const sendOn = async (socket: Socket, body: Buffer): Promise<string> => {
  socket.write(
    `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\ncontent-length: ${body.length}\r\n\r\n`,
  )
  socket.write(body)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return answer.toString('latin1').split('\r\n')[0] ?? ''
}

const open = async (port: number): Promise<void> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answer = await sendOn(socket, Buffer.alloc(0))
  if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`an empty request was answered ${answer}`)
  socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1))
  sockets.push(socket)
}

const obey = async (order: IdleOrder): Promise<string> => {
  if (order.order === 'open') {
    let left = order.connections
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        await open(order.port)
      }
    }
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, lane))
    return `${sockets.length} open`
  }
  const [socket] = sockets
  if (socket === undefined) throw new Error('no connection is open')
  if (order.order === 'send') return sendOn(socket, Buffer.from(order.body, 'base64'))
  socket.destroy()
  await once(socket, 'close')
  return `${sockets.length} open`
}

process.on('message', (order: IdleOrder) => {
  void obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.(`failed: ${String(error)}`),
  )
})
process.on('disconnect', () => process.exit(0))
