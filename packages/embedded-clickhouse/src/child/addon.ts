import { createRequire } from 'node:module'

/** The calls of chDB's native addon that we rely on. A connection serialises its statements; connections run in parallel. */
export interface NativeAddon {
  EngineVersion(): string
  CreateConnection(path: string, settings?: readonly string[]): unknown
  CloseConnection(connection: unknown): void
  QueryAsyncConnection(connection: unknown, sql: string, format: string): Promise<NativeResult>
  InsertRawAsyncConnection(
    connection: unknown,
    prefix: string,
    body: Buffer,
    countLines: boolean,
  ): Promise<{ readonly rowsWritten: number; readonly bytesWritten: number }>
  DurableClassifyAsync(
    connection: unknown,
    sql: string,
    targetDatabase: string | null,
  ): Promise<{
    readonly statementCount: number
    readonly queryClass: number
    readonly writesOnlyTargetDatabase: boolean
    readonly changesDatabaseLifecycle: boolean
  }>
}

export interface NativeResult {
  readonly bytes: Buffer
  readonly elapsed: number
  readonly rowsRead: number
  readonly bytesRead: number
}

const NEEDED = [
  'EngineVersion',
  'CreateConnection',
  'CloseConnection',
  'QueryAsyncConnection',
  'InsertRawAsyncConnection',
  'DurableClassifyAsync',
] as const

/**
 * The addon itself instead of the package's `Session`: closing a Session waits for every statement that runs in any
 * other Session, so short reads behind one long query pile up (measured: the heap was exhausted after some 40 000).
 */
export const loadAddon = (): NativeAddon => {
  const ours = createRequire(import.meta.url)
  const chdb = createRequire(ours.resolve('chdb'))
  const { loadNative } = chdb('./dist/loader.js') as { loadNative: () => Record<string, unknown> }
  const addon = loadNative()
  const missing = NEEDED.filter((name) => typeof addon[name] !== 'function')
  if (missing.length > 0)
    throw new Error(`BUG: this chdb build lacks ${missing.join(', ')}; pin the version in package.json`)
  return addon as unknown as NativeAddon
}
