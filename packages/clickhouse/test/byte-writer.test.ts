import { expect, test } from 'vitest'
import { ByteWriter } from '#src/native/byte-writer.ts'

/** The buffer doubles from here on: a value that is written right at an edge is the first of a new buffer. */
const FIRST_EDGE = 4_096

const bytesAfter = (filled: number, write: (out: ByteWriter) => void): Buffer => {
  const out = new ByteWriter()
  for (let n = 0; n < filled; n += 1) out.uint8(0xee)
  write(out)
  expect(
    out
      .bytes()
      .subarray(0, filled)
      .every((byte) => byte === 0xee),
  ).toBe(true)
  return Buffer.from(out.bytes().subarray(filled))
}

// A lost length byte shifts everything behind it: the database then refuses the block for ever, or stores other values.
test.each([
  ['a byte', (out: ByteWriter) => out.uint8(0xa5), [0xa5]],
  ['a length of two bytes', (out: ByteWriter) => out.varuint(300), [0xac, 0x02]],
  ['a short text', (out: ByteWriter) => out.text('ab'), [2, 0x61, 0x62]],
  ['a long text', (out: ByteWriter) => out.text('x'.repeat(100)), [100, ...Array<number>(100).fill(0x78)]],
  ['a number of 16 bits', (out: ByteWriter) => out.uint16(0x0102), [2, 1]],
  ['a number of 64 bits', (out: ByteWriter) => out.uint64(1n), [1, 0, 0, 0, 0, 0, 0, 0]],
])('%s is whole wherever the buffer grows', (_, write, bytes) => {
  for (const edge of [FIRST_EDGE, 2 * FIRST_EDGE]) {
    for (let before = 0; before <= bytes.length; before += 1) {
      expect([...bytesAfter(edge - before, write)]).toEqual(bytes)
    }
  }
})
