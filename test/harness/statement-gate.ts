/** A TCP gate in front of the database that stops at one statement, for killing whoever sends it at that very moment. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface StatementGate extends AsyncDisposable {
  readonly url: string
  /** Resolves when the statement came: before the database has it, or after it has answered. */
  readonly reached: Promise<void>
  /** Lets what was kept back go on, and everything after it. */
  release(): void
}

/** `passes`: the database gets the statement, and its answer is kept back; else neither. */
export const openStatementGate = async (
  databaseUrl: string,
  statement: string,
  passes: boolean,
): Promise<StatementGate> => {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const track = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    return socket.on('error', () => socket.destroy())
  }
  const reached = Promise.withResolvers<void>()
  const kept: (() => void)[] = []
  let isReleased = false
  const server = createServer((client) => {
    track(client)
    const upstream = track(connect(Number(port), hostname))
    let isStopped = false
    client.on('data', (bytes) => {
      isStopped ||= bytes.includes(statement)
      if (!isStopped || passes || isReleased) {
        upstream.write(bytes)
        return
      }
      kept.push(() => upstream.write(bytes))
      reached.resolve()
    })
    upstream.on('data', (bytes) => {
      if (!isStopped || !passes || isReleased) {
        client.write(bytes)
        return
      }
      kept.push(() => client.write(bytes))
      reached.resolve()
    })
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached: reached.promise,
    release: () => {
      isReleased = true
      for (const goOn of kept) goOn()
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
