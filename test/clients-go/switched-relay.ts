/** One address for a server that comes back at another: what restarts in production keeps its port, and tests fix none. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface SwitchedRelay {
  readonly url: string
  /** From the next connection on. */
  target: string
  /** The server's answers do not reach the client. */
  isSilent: boolean
  /** How often the server answered and the client did not hear it. */
  readonly unheard: number
}

/** Only inside a test, at whose end it is gone. */
export const openSwitchedRelay = async (target: string): Promise<SwitchedRelay> => {
  const state = { target, isSilent: false, unheard: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const { hostname, port } = new URL(state.target)
    const upstream = connect(Number(port), hostname)
    client.pipe(upstream)
    upstream.on('data', (answer: Buffer) => {
      if (state.isSilent) state.unheard += 1
      else client.write(answer)
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      // Each end hears when the other is gone: nobody waits for a server that was killed.
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  })
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}
