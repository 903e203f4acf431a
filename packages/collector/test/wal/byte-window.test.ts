import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWindow, SCAN_WINDOW_BYTES } from '#src/wal/byte-window.ts'
import type { WalFile } from '#src/wal/file-system.ts'

const FILE = Buffer.from(Uint32Array.from({ length: 2 ** 20 }, (_, index) => Math.imul(index, 2_654_435_761)).buffer)

/** A file in memory that answers a turn later, and refuses the reads of these numbers once. */
const fileThat = (refuses: ReadonlySet<number>, shownBytes = FILE.length): Pick<WalFile, 'readAt'> => {
  let reads = 0
  return {
    readAt: async (position, length, into = Buffer.alloc(length)) => {
      const number = reads
      reads += 1
      await Promise.resolve()
      if (refuses.has(number)) throw new Error('EIO')
      const read = FILE.copy(into, 0, position, Math.min(position + length, shownBytes))
      return into.subarray(0, read)
    },
  }
}

const look = async (window: ByteWindow, offset: number, length: number, reach: number): Promise<Buffer | undefined> => {
  let bytes = window.at(offset, length)
  while (bytes === undefined && window.isWanting) {
    if (!(await window.fill(reach))) return undefined
    bytes = window.at(offset, length)
  }
  return bytes
}

/** Steps onward, mostly short, some over what was read ahead, and a look of some length at each. */
const looks = fc.array(
  fc.record({
    step: fc.oneof(fc.nat(4_000), fc.nat(400_000), fc.nat(2_200_000)),
    length: fc.integer({ min: 1, max: 4_000 }),
    reach: fc.constantFrom(SCAN_WINDOW_BYTES, SCAN_WINDOW_BYTES, 4_096),
  }),
  { maxLength: 60 },
)

test('a window that reads on while it is looked at shows what the file holds, wherever the looks go', async () => {
  await fc.assert(
    fc.asyncProperty(looks, fc.boolean(), async (steps, recycles) => {
      const window = new ByteWindow(fileThat(new Set()) as WalFile, { end: FILE.length, recycles })
      let offset = 0
      for (const { step, length, reach } of steps) {
        const seen = await look(window, offset, length, reach)
        const held = offset + length > FILE.length ? undefined : FILE.toString('hex', offset, offset + length)
        expect(seen?.toString('hex')).toBe(held)
        offset += step
      }
    }),
    { numRuns: 100 },
  )
})

test('reading on that fails is tried again when its bytes are wanted, and told then', async () => {
  const walk = async (refuses: ReadonlySet<number>): Promise<void> => {
    const window = new ByteWindow(fileThat(refuses) as WalFile, { end: FILE.length, recycles: true })
    // Records of 999 bytes lie across the end of nearly every read.
    for (let offset = 0; offset + 999 <= FILE.length; offset += 999) {
      const seen = await look(window, offset, 999, SCAN_WINDOW_BYTES)
      expect(seen?.equals(FILE.subarray(offset, offset + 999))).toBe(true)
    }
  }
  await expect(walk(new Set())).resolves.toBeUndefined()
  await expect(walk(new Set([1]))).resolves.toBeUndefined()
  await expect(walk(new Set([1, 2]))).rejects.toThrow('EIO')
})

test('a file that became shorter shows nothing behind its end', async () => {
  const shownBytes = SCAN_WINDOW_BYTES + 100
  const window = new ByteWindow(fileThat(new Set(), shownBytes) as WalFile, { end: FILE.length, recycles: true })
  expect(await look(window, 0, 64, SCAN_WINDOW_BYTES)).toHaveLength(64)
  expect(await look(window, SCAN_WINDOW_BYTES - 10, 110, SCAN_WINDOW_BYTES)).toHaveLength(110)
  expect(await look(window, shownBytes - 10, 64, SCAN_WINDOW_BYTES)).toBeUndefined()
})
