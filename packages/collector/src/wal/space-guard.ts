/**
 * Says no before the disk does. Free space is asked for at most once a second or per 16 MiB written; below the reserve, or
 * at the configured size of the log, appends are refused while cursors and sealed units can still be written.
 */
import { type Clock, OutlayError } from '@outlay/core'
import type { WalFileSystem } from './file-system.ts'
import type { SegmentList } from './segments.ts'

const FRESH_MS = 1_000
const FRESH_BYTES = 16 * 1024 * 1024

export interface SpaceSettings {
  readonly fileSystem: WalFileSystem
  readonly directory: string
  readonly clock: Clock
  readonly segments: SegmentList
  readonly bytesMax: number
  readonly reserveBytes: number
  /** Deletes what nobody needs; called before the log is declared full. */
  readonly reclaim: () => Promise<void>
}

export class SpaceGuard {
  readonly #settings: SpaceSettings
  #freeBytes = 0
  #askedAtMs = Number.NEGATIVE_INFINITY
  #writtenSince = 0

  constructor(settings: SpaceSettings) {
    if (settings.bytesMax <= 0) {
      throw new OutlayError('E_WAL_SIZE', 'the log must have a size above zero', { got: `${settings.bytesMax} bytes` })
    }
    this.#settings = settings
  }

  note(bytes: number): void {
    this.#writtenSince += bytes
  }

  /** Forget what was known: the disk said that it is full. */
  refresh(): void {
    this.#askedAtMs = Number.NEGATIVE_INFINITY
  }

  async admits(bytes: number): Promise<boolean> {
    const { segments, bytesMax, reserveBytes, reclaim } = this.#settings
    if (segments.bytes + bytes > bytesMax) {
      await reclaim()
      if (segments.bytes + bytes > bytesMax) return false
    }
    await this.#ask()
    return this.#freeBytes - this.#writtenSince - bytes >= reserveBytes
  }

  async #ask(): Promise<void> {
    const now = this.#settings.clock.now()
    const fresh = Math.abs(now - this.#askedAtMs) <= FRESH_MS && this.#writtenSince <= FRESH_BYTES
    if (fresh) return
    this.#freeBytes = await this.#settings.fileSystem.freeBytes(this.#settings.directory)
    this.#askedAtMs = now
    this.#writtenSince = 0
  }
}
