/**
 * Part of a file in memory. What lies outside it is noted as wanted, and there once it is filled.
 *
 * A window that recycles its memory reads on while it is looked at: the disk and the walk over headers take about as long as
 * each other, and one after the other they would take twice that.
 */
import type { WalFile } from './file-system.ts'

/** Headers alone: each read costs a turn of the event loop, and a disk gives more where more is asked for. */
export const SCAN_WINDOW_BYTES = 1024 * 1024
/** What is left of one window goes in front of the next; where more is left, the file is read again. */
const REST_BYTES_MAX = 256 * 1024

interface ReadAhead {
  readonly offset: number
  readonly memory: Buffer
  /** Bytes that were read behind the room for the rest; undefined where reading failed: then it is tried again, and told. */
  readonly bytes: Promise<number | undefined>
}

const createMemory = (): Buffer => Buffer.allocUnsafeSlow(REST_BYTES_MAX + SCAN_WINDOW_BYTES)

export class ByteWindow {
  readonly #file: WalFile
  readonly #end: number
  /** Undefined where bytes are handed out that outlive the window. */
  #spare: Buffer | undefined
  #memory: Buffer | undefined
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)
  #wanted: { readonly offset: number; readonly length: number } | undefined
  #ahead: ReadAhead | undefined

  constructor(file: WalFile, { end, recycles }: { readonly end: number; readonly recycles: boolean }) {
    this.#file = file
    this.#end = end
    if (recycles) [this.#memory, this.#spare] = [createMemory(), createMemory()]
  }

  get isWanting(): boolean {
    return this.#wanted !== undefined
  }

  /** Exactly `length` bytes; undefined past the end, and where the window lacks them. */
  at(offset: number, length: number): Buffer | undefined {
    if (offset + length > this.#end) return undefined
    const from = offset - this.#start
    if (from >= 0 && from + length <= this.#bytes.length) return this.#bytes.subarray(from, from + length)
    this.#wanted = { offset, length }
    return undefined
  }

  /** Brings what was wanted, and what follows it up to a reach. False where the file has become shorter than that. */
  async fill(reach: number): Promise<boolean> {
    if (this.#wanted === undefined) return true
    const { offset, length } = this.#wanted
    if (!(await this.#takeAhead(offset, length))) await this.#read(offset, Math.max(length, reach))
    this.#wanted = undefined
    if (reach === SCAN_WINDOW_BYTES) this.#readAhead()
    return this.#bytes.length >= length
  }

  async #read(offset: number, bytes: number): Promise<void> {
    const wanted = Math.min(bytes, this.#end - offset)
    const into = this.#memory?.subarray(0, wanted)
    this.#bytes = await this.#file.readAt(offset, wanted, into?.length === wanted ? into : undefined)
    this.#start = offset
  }

  #readAhead(): void {
    const offset = this.#start + this.#bytes.length
    const memory = this.#spare
    if (memory === undefined || offset >= this.#end) return
    this.#spare = undefined
    const into = memory.subarray(REST_BYTES_MAX, REST_BYTES_MAX + Math.min(SCAN_WINDOW_BYTES, this.#end - offset))
    const bytes = this.#file.readAt(offset, into.length, into).then(
      (read) => read.length,
      () => undefined,
    )
    this.#ahead = { offset, memory, bytes }
  }

  /** True where the bytes that were read meanwhile, with the rest of these in front of them, hold what is wanted. */
  async #takeAhead(offset: number, length: number): Promise<boolean> {
    const ahead = this.#ahead
    if (ahead === undefined) return false
    this.#ahead = undefined
    const read = await ahead.bytes
    // Less than nothing where what is wanted begins behind all of the bytes in memory, as a header behind a long body does.
    const rest = ahead.offset - offset
    const isNear = offset >= this.#start && rest <= REST_BYTES_MAX
    if (read === undefined || !isNear || rest + read < length) {
      this.#spare = ahead.memory
      return false
    }
    if (rest > 0) this.#bytes.copy(ahead.memory, REST_BYTES_MAX - rest, offset - this.#start)
    this.#bytes = ahead.memory.subarray(REST_BYTES_MAX - rest, REST_BYTES_MAX + read)
    this.#start = offset
    this.#spare = this.#memory
    this.#memory = ahead.memory
    return true
  }
}
