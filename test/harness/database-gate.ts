/** A TCP gate in front of the database, for faults between collector and database. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * `open` passes everything; `closed` hangs up at once; `loses_answers` lets inserts through to the database and hangs up
 * before its answer reaches the collector; `slow` holds back whatever passes; `black_hole` takes everything and never
 * answers, until the mode changes: then it hangs up on those that still wait.
 */
export type GateMode = 'open' | 'closed' | 'loses_answers' | 'slow' | 'black_hole'

const SLOW_MS = 300

export interface DatabaseGate {
  readonly url: string
  mode: GateMode
  /** Answers to inserts that were lost so far. */
  readonly lostAnswers: number
  /** Resolves when that many answers have been lost. */
  lost(count: number): Promise<void>
  close(): Promise<void>
}

export const openDatabaseGate = async (databaseUrl: string, mode: GateMode): Promise<DatabaseGate> => {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const waiting = new Set<{ count: number; resolve: () => void }>()
  const swallowed = new Set<Socket>()
  const state = { mode, lostAnswers: 0 }
  const inTime = (pass: () => void): void => {
    if (state.mode === 'slow') setTimeout(pass, SLOW_MS)
    else pass()
  }
  const track = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Hanging up is what this gate is for.
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((client) => {
    track(client)
    if (state.mode === 'closed') {
      client.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    track(upstream)
    let sawInsert = false
    client.on('data', (bytes) => {
      if (bytes.includes('INSERT')) sawInsert = true
      if (state.mode === 'black_hole') swallowed.add(client)
      // Held back bytes keep their order: what follows them within a moment is held back as long.
      if (!swallowed.has(client)) inTime(() => upstream.write(bytes))
    })
    upstream.on('data', (bytes) => {
      if (state.mode === 'loses_answers' && sawInsert) {
        state.lostAnswers += 1
        for (const waiter of waiting) if (state.lostAnswers >= waiter.count) waiter.resolve()
        client.destroy()
        upstream.destroy()
        return
      }
      if (!swallowed.has(client)) client.write(bytes)
    })
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get mode() {
      return state.mode
    },
    set mode(next) {
      state.mode = next
      if (next === 'black_hole') return
      // Connections that are kept open would otherwise never notice.
      if (next === 'closed') for (const socket of sockets) socket.destroy()
      for (const socket of swallowed) socket.destroy()
      swallowed.clear()
    },
    get lostAnswers() {
      return state.lostAnswers
    },
    lost: (count) =>
      new Promise((resolve) => {
        if (state.lostAnswers >= count) resolve()
        else waiting.add({ count, resolve })
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
