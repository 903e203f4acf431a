import { OutlayError } from '@outlay/core'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type RunningChild, startChild } from './child-process.ts'
import { createCredentials, type EngineCredentials } from './credentials.ts'
import { engineLimits } from './limits.ts'
import type { AnswerCounts, ChildSettings } from './messages.ts'

/** What a supervised engine reports. None of it carries SQL, rows or secrets. */
export type EngineEvent =
  | { readonly type: 'ready'; readonly pid: number; readonly url: string }
  | { readonly type: 'exited'; readonly pid: number; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly type: 'restarting'; readonly inMs: number; readonly reason?: string }
  | { readonly type: 'query-refused'; readonly rule: string }
  /** Statements answered since the last event of this type. */
  | { readonly type: 'queries-answered'; readonly counts: AnswerCounts }

export interface EmbeddedClickHouseSettings {
  /** Created if missing. One engine per directory. */
  readonly dataDir: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 8123; 0 takes any free port, which then stays the same over restarts. */
  readonly port?: number
  /** Reader statements at once; default min(4, cores). */
  readonly readers?: number
  readonly onEvent?: (event: EngineEvent) => void
}

/** A running engine. The URL and the credentials stay valid over crashes and restarts, until `close()`. */
export interface EmbeddedClickHouse {
  readonly url: string
  readonly credentials: EngineCredentials
  /** How often the engine process has been replaced. */
  readonly restarts: number
  /** Drains running requests and ends the process, within 5 s. Calling it again waits for the same end. */
  close(): Promise<void>
}

/**
 * Starts the embedded engine on `dataDir` and keeps it running: a process that dies is replaced, with back-off, on the
 * same port and with the same credentials. Clients see an outage in between, as with any server.
 *
 * @throws OutlayError E_DATA_DIR_IN_USE, E_DATA_DIR_NAME, E_PORT_IN_USE or E_ENGINE_START
 * @example
 * const engine = await startEmbeddedClickHouse({ dataDir: './data' })
 * const client = createClient({ url: engine.url, ...engine.credentials.collector })
 * await engine.close()
 */
export const startEmbeddedClickHouse = async (settings: EmbeddedClickHouseSettings): Promise<EmbeddedClickHouse> => {
  const dataDir = resolve(settings.dataDir)
  if (/[*?{}]/.test(dataDir)) {
    throw new OutlayError('E_DATA_DIR_NAME', 'the engine would read this path as a pattern', {
      got: dataDir,
      want: 'a path without * ? { }',
    })
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const supervisor = new Supervisor(
    {
      dataDir,
      host: settings.host ?? '127.0.0.1',
      port: settings.port ?? 8123,
      readers: settings.readers ?? Math.min(engineLimits.readersMax, availableParallelism()),
      credentials: createCredentials(),
    },
    settings.onEvent ?? (() => undefined),
  )
  await supervisor.start()
  return supervisor
}

class Supervisor implements EmbeddedClickHouse {
  #settings: ChildSettings
  readonly #report: (event: EngineEvent) => void
  #child: RunningChild | undefined
  #restarts = 0
  #failures = 0
  #retry: NodeJS.Timeout | undefined
  /** A start in progress; `close()` waits for it, so that no process is left behind. */
  #starting: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(settings: ChildSettings, report: (event: EngineEvent) => void) {
    this.#settings = settings
    this.#report = report
  }

  get url(): string {
    const { host, port } = this.#settings
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  get credentials(): EngineCredentials {
    return this.#settings.credentials
  }

  get restarts(): number {
    return this.#restarts
  }

  async start(): Promise<void> {
    const child = await startChild(this.#settings, {
      onRefusal: (rule) => this.#report({ type: 'query-refused', rule }),
      onAnswered: (counts) => this.#report({ type: 'queries-answered', counts }),
    })
    this.#child = child
    this.#settings = { ...this.#settings, port: child.port }
    void this.#watch(child)
    this.#report({ type: 'ready', pid: child.pid, url: this.url })
  }

  async #watch(child: RunningChild): Promise<void> {
    const startedAt = performance.now()
    const exit = await child.exited
    this.#child = undefined
    if (this.#closed !== undefined) return
    if (performance.now() - startedAt > engineLimits.restartResetMs) this.#failures = 0
    this.#report({ type: 'exited', pid: child.pid, ...exit })
    this.#scheduleRestart()
  }

  #scheduleRestart(reason?: string): void {
    const inMs = Math.min(engineLimits.restartDelayFirstMs * 2 ** this.#failures, engineLimits.restartDelayMaxMs)
    this.#failures++
    this.#report({ type: 'restarting', inMs, ...(reason === undefined ? {} : { reason }) })
    this.#retry = setTimeout(() => {
      this.#starting = this.#restart()
    }, inMs)
  }

  async #restart(): Promise<void> {
    this.#restarts++
    try {
      await this.start()
    } catch (error) {
      if (this.#closed === undefined) this.#scheduleRestart(error instanceof Error ? error.message : String(error))
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop()
    return this.#closed
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#retry)
    await this.#starting
    const child = this.#child
    if (child === undefined) return
    child.send({ type: 'close' })
    const overdue = setTimeout(() => child.kill(), engineLimits.closeMs)
    await child.exited
    clearTimeout(overdue)
  }
}
