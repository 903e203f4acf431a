import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { publishEngine, unpublishEngine } from '../credentials.ts'
import { engineLimits } from '../limits.ts'
import type { AnswerCounts, ChildMessage, ChildSettings, ParentMessage, StartFailure } from '../messages.ts'
import { loadAddon } from './addon.ts'
import { Spool } from './body.ts'
import { Engine } from './engine.ts'
import { createEndpoint } from './server.ts'

/** The engine process: owns the data directory, serves the endpoint, and goes when its parent goes. */
interface Running {
  readonly engine: Engine
  readonly server: Server
  readonly dataDir: string
}

const tell = (message: ChildMessage): void => {
  if (process.connected) process.send?.(message)
}

/** Why it could not start. A locked directory only shows on stderr, which the parent reads. */
const failureOf = (error: unknown, settings: ChildSettings): StartFailure => {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return {
      code: 'E_PORT_IN_USE',
      what: 'the SQL port is taken by another process',
      got: `${settings.host}:${settings.port}`,
      fix: 'Stop that process, or choose another port (0 takes any free one)',
    }
  }
  const text = error instanceof Error ? error.message : String(error)
  return { code: 'E_ENGINE_START', what: `the engine could not start: ${text}`, where: settings.dataDir }
}

const listen = (server: Server, settings: ChildSettings): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, settings.host, () => {
      server.removeListener('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Told every second, not every time: a busy engine answers hundreds in one. */
const TOLD_EVERY_MS = 1_000
const NOTHING: AnswerCounts = { ok: 0, failed: 0, refused: 0 }

const countAnswers = (): ((result: keyof AnswerCounts) => void) => {
  let counts = NOTHING
  setInterval(() => {
    if (counts !== NOTHING) tell({ type: 'answered', counts })
    counts = NOTHING
  }, TOLD_EVERY_MS).unref()
  return (result) => {
    counts = { ...counts, [result]: counts[result] + 1 }
  }
}

const start = async (settings: ChildSettings): Promise<Running> => {
  const { dataDir, host, credentials } = settings
  const engine = new Engine({
    addon: loadAddon(),
    path: join(dataDir, 'engine'),
    readers: settings.readers,
    threads: availableParallelism(),
  })
  await engine.prepare()
  const spool = new Spool(dataDir)
  await spool.sweep()
  const server = createEndpoint({
    engine,
    spool,
    credentials,
    host,
    onRefusal: (rule) => tell({ type: 'refused', rule }),
    onAnswered: countAnswers(),
  })
  const port = await listen(server, settings)
  const name = host.includes(':') ? `[${host}]` : host
  await publishEngine(dataDir, { url: `http://${name}:${port}`, pid: process.pid, credentials })
  tell({ type: 'ready', port })
  return { engine, server, dataDir }
}

let running: Running | undefined
let closing = false

/**
 * No new connections, running requests to their end, then the queries that are left are stopped, then out.
 * Past the last limit the process kills itself: to the data that is a crash, and safe.
 */
const close = async (): Promise<void> => {
  if (closing) return
  closing = true
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), engineLimits.stopMs).unref()
  if (running !== undefined) {
    const { engine, server, dataDir } = running
    const drained = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const overdue = setTimeout(() => server.closeAllConnections(), engineLimits.drainMs)
    await drained
    clearInterval(idle)
    clearTimeout(overdue)
    await unpublishEngine(dataDir)
    await engine.close()
  }
  process.exit(0)
}

const begin = async (settings: ChildSettings): Promise<void> => {
  try {
    running = await start(settings)
  } catch (error) {
    tell({ type: 'failed', failure: failureOf(error, settings) })
    process.disconnect?.()
    process.exit(1)
  }
}

process.on('message', (message: ParentMessage) => {
  void (message.type === 'close' ? close() : begin(message.settings))
})
process.on('disconnect', () => void close())
process.on('SIGTERM', () => void close())
// Ctrl-C reaches the whole group; the parent decides when its engine goes.
process.on('SIGINT', () => undefined)
