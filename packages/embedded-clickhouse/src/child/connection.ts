import type { NativeAddon, NativeResult } from './addon.ts'
import { quoteIdentifier, quoteString } from './quoting.ts'

/**
 * One connection to the engine, opened for one request and closed after it (0.3 ms): settings, parameters and the
 * current database of one caller can never leak into the next.
 */
export class EngineConnection {
  readonly #addon: NativeAddon
  readonly #handle: unknown

  constructor(addon: NativeAddon, path: string) {
    this.#addon = addon
    this.#handle = addon.CreateConnection(path)
  }

  /** Applies settings and query parameters (`param_*`) in one statement; code 115 names an unknown one. */
  async apply(settings: ReadonlyMap<string, string>): Promise<void> {
    if (settings.size === 0) return
    const list = [...settings].map(([name, value]) => `${quoteIdentifier(name)} = ${quoteString(value)}`)
    await this.query(`SET ${list.join(', ')}`)
  }

  async use(database: string): Promise<void> {
    await this.query(`USE ${quoteIdentifier(database)}`)
  }

  query(sql: string, format = 'TabSeparated'): Promise<NativeResult> {
    return this.#addon.QueryAsyncConnection(this.#handle, sql, format)
  }

  /** The rows of the first column, in order. */
  async column(sql: string): Promise<string[]> {
    const { bytes } = await this.query(sql, 'JSONCompactColumns')
    const [first = []] = JSON.parse(bytes.toString('utf8')) as string[][]
    return first
  }

  insertText(prefix: string, body: Buffer): ReturnType<NativeAddon['InsertRawAsyncConnection']> {
    return this.#addon.InsertRawAsyncConnection(this.#handle, prefix, body, false)
  }

  classify(sql: string, targetDatabase: string | null): ReturnType<NativeAddon['DurableClassifyAsync']> {
    return this.#addon.DurableClassifyAsync(this.#handle, sql, targetDatabase)
  }

  /** Only after every call on it has settled: closing under a running statement aborts the engine. */
  close(): void {
    this.#addon.CloseConnection(this.#handle)
  }
}
