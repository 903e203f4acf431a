import { randomHex } from '@outlay/core'
import { engineLimits } from '../limits.ts'
import type { NativeAddon, NativeResult } from './addon.ts'
import { EngineConnection } from './connection.ts'
import { Lane } from './lane.ts'
import { quoteString } from './quoting.ts'

/**
 * The engine on its data directory.
 *
 * Guarantees: one writer at a time; bounded readers; collectors' reads never wait behind a panel's; every statement gets
 * a connection of its own; `close()` returns only when no statement runs.
 */
export class Engine {
  readonly #addon: NativeAddon
  readonly #path: string
  /** Keeps the engine open between requests. Statements go through it one at a time. */
  readonly #control: EngineConnection
  #controlTail: Promise<unknown> = Promise.resolve()
  #functions: ReadonlySet<string> = new Set()
  #version = ''
  readonly threads: number
  #open = 0
  #whenIdle: (() => void) | undefined

  readonly readers: Lane
  readonly serviceReaders: Lane
  readonly writer: Lane

  /** Takes the directory's lock; throws the engine's code 76 when another process holds it. */
  constructor(settings: { addon: NativeAddon; path: string; readers: number; threads: number }) {
    this.#addon = settings.addon
    this.#path = settings.path
    this.threads = settings.threads
    this.#control = new EngineConnection(settings.addon, settings.path)
    const queueMax = engineLimits.laneQueueMax
    this.readers = new Lane({ name: 'reader', slots: settings.readers, queueMax, waitMs: engineLimits.readerWaitMs })
    this.serviceReaders = new Lane({
      name: 'service reader',
      slots: engineLimits.serviceReadersMax,
      queueMax,
      waitMs: engineLimits.writerWaitMs,
    })
    this.writer = new Lane({ name: 'writer', slots: 1, queueMax, waitMs: engineLimits.writerWaitMs })
  }

  /** Reads what the guard needs to know about this build. Once, before the first request. */
  async prepare(): Promise<void> {
    const settings = new Map([
      ['max_query_size', String(engineLimits.serviceQueryBytesMax)],
      ['implicit_select', '0'],
    ])
    await this.#control.apply(settings)
    const [version = ''] = await this.#control.column('SELECT version()')
    this.#version = version
    const names = await this.#control.column(
      'SELECT lower(name) FROM system.functions UNION DISTINCT SELECT lower(name) FROM system.table_functions',
    )
    this.#functions = new Set(names)
  }

  get version(): string {
    return this.#version
  }

  readonly isEngineFunction = (name: string): boolean => this.#functions.has(name.toLowerCase())

  /** Runs `work` on a fresh connection and closes it afterwards. */
  async withConnection<T>(work: (connection: EngineConnection) => Promise<T>): Promise<T> {
    const connection = new EngineConnection(this.#addon, this.#path)
    this.#open++
    try {
      return await work(connection)
    } finally {
      connection.close()
      this.#open--
      if (this.#open === 0) this.#whenIdle?.()
    }
  }

  /** Runs `work` on the control connection: short statements only, they hold up every request. */
  withControl<T>(work: (connection: EngineConnection) => Promise<T>): Promise<T> {
    const turn = this.#controlTail.then(() => work(this.#control))
    this.#controlTail = turn.catch(() => undefined)
    return turn
  }

  /**
   * Runs a statement that is stopped when `signal` fires. The engine finds it by a tag in its text; `KILL … SYNC` hangs
   * on this engine, so the ASYNC form asks and the statement's own promise tells when it has ended.
   */
  async queryUntil(
    connection: EngineConnection,
    statement: { readonly sql: string; readonly format: string; readonly signal: AbortSignal },
  ): Promise<NativeResult> {
    const tag = `/* outlay:${randomHex(12)} */`
    const { signal } = statement
    const kill = (): void => {
      const sql = `KILL QUERY WHERE startsWith(query, ${quoteString(tag)}) ASYNC`
      // Best effort: a statement that cannot be stopped still ends at its own time limit.
      this.withControl((control) => control.query(sql)).catch(() => undefined)
    }
    const running = connection.query(`${tag} ${statement.sql}`, statement.format)
    if (signal.aborted) kill()
    else signal.addEventListener('abort', kill, { once: true })
    try {
      return await running
    } finally {
      signal.removeEventListener('abort', kill)
    }
  }

  /** Waits for the last statement, then releases the data directory: closing under one would abort the engine. */
  async close(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    await this.#controlTail
    this.#control.close()
  }
}
