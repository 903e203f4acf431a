/**
 * Preloaded into a real collector (`--import`): ends its process by SIGKILL at a named point. Which one is what the file named
 * in the query of this module's URL says; while there is no such file, nothing happens. It sits on the file-system seam of the
 * log and on the answers of the database: the collector runs as it is.
 */
import { existsSync, readFileSync } from 'node:fs'
import { ClientRequest } from 'node:http'
import { nodeFileSystem, type WalFile } from '../../packages/collector/src/wal/index.ts'
import { SEGMENT_HEADER_BYTES } from '../../packages/collector/src/wal/segment-header.ts'
import type { KillPoint } from './kill-point-names.ts'

const armedBy = new URL(import.meta.url).searchParams.get('armed')

const at = (point: KillPoint): void => {
  if (armedBy === null || !existsSync(armedBy) || readFileSync(armedBy, 'utf8') !== point) return
  process.kill(process.pid, 'SIGKILL')
}

const isRecord = (path: string, position: number): boolean => path.endsWith('.seg') && position >= SEGMENT_HEADER_BYTES
const SEALED = /\/sealed\/(evidence|ledger)-/
const sealedKindOf = (path: string): string | undefined => SEALED.exec(path)?.[1]

const watched = (file: WalFile, path: string): WalFile => {
  let holdsRecord = false
  return {
    writeAt: async (buffers, position) => {
      // All cursors are slots of one file; each names its consumer.
      if (path.endsWith('/cursors')) at(buffers[0]?.includes('evidence') === true ? 'answer|cursor' : 'settled|cursor')
      await file.writeAt(buffers, position)
      holdsRecord ||= isRecord(path, position)
      if (holdsRecord) at('append|fsync')
    },
    sync: async () => {
      await file.sync()
      if (holdsRecord) at('fsync|ack')
    },
    readAt: (position, length) => file.readAt(position, length),
    truncate: (bytes) => file.truncate(bytes),
    size: () => file.size(),
    close: () => file.close(),
  }
}

const real = { ...nodeFileSystem }
type FileSystem = typeof nodeFileSystem
let lastSealed: string | undefined

Object.assign(nodeFileSystem, {
  open: async (...[path, mode]: Parameters<FileSystem['open']>) => {
    const kind = sealedKindOf(path)
    if (kind !== undefined) at(kind === 'evidence' ? 'ack|seal' : 'evaluate|seal')
    return watched(await real.open(path, mode), path)
  },
  rename: async (...[from, to]: Parameters<FileSystem['rename']>) => {
    await real.rename(from, to)
    lastSealed = sealedKindOf(to)
  },
  syncDirectory: async (...[path]: Parameters<FileSystem['syncDirectory']>) => {
    await real.syncDirectory(path)
    if (lastSealed !== undefined) at(lastSealed === 'evidence' ? 'seal|insert' : 'ledger seal|insert')
    lastSealed = undefined
  },
  remove: async (...[path]: Parameters<FileSystem['remove']>) => {
    if (path.endsWith('.unit')) at(sealedKindOf(path) === 'evidence' ? 'cursor|unseal' : 'ledger answer|unseal')
    if (path.endsWith('.seg')) at('cursor|delete')
    await real.remove(path)
  },
} satisfies Partial<FileSystem>)

type Emit = (this: ClientRequest, event: string | symbol, ...values: unknown[]) => boolean
const emit = Reflect.get(ClientRequest.prototype, 'emit') as Emit
/** The database has done its work, and nobody has read yet what it says. */
ClientRequest.prototype.emit = function (this: ClientRequest, event: string | symbol, ...values: unknown[]): boolean {
  if (event === 'response') {
    const statement = decodeURIComponent(this.path.replaceAll('+', ' '))
    if (/INSERT INTO \w+\.spans /.test(statement)) at('insert|answer')
    if (/INSERT INTO \w+\.calls /.test(statement)) at('ledger insert|answer')
  }
  return emit.call(this, event, ...values)
}
