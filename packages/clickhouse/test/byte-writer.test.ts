import fc from 'fast-check'
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
  ['a short text that is not ASCII', (out: ByteWriter) => out.text('aü'), [3, 0x61, 0xc3, 0xbc]],
  ['a count above 32 bits', (out: ByteWriter) => out.count(2 ** 53 - 1), [255, 255, 255, 255, 255, 255, 31, 0]],
  ['an id', (out: ByteWriter) => out.hex('00ff7f', 3), [0, 255, 127]],
  ['a number of 64 bits', (out: ByteWriter) => out.uint64(1n), [1, 0, 0, 0, 0, 0, 0, 0]],
])('%s is whole wherever the buffer grows', (_, write, bytes) => {
  for (const edge of [FIRST_EDGE, 2 * FIRST_EDGE]) {
    for (let before = 0; before <= bytes.length; before += 1) {
      expect([...bytesAfter(edge - before, write)]).toEqual(bytes)
    }
  }
})

test('a text of any length and any characters is its length and its UTF-8', () => {
  const texts = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 200 }))
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 8 }), (values) => {
      const out = new ByteWriter()
      for (const value of values) out.text(value)
      let at = 0
      const bytes = out.bytes()
      for (const value of values) {
        const long = (bytes[at] ?? 0) >= 0x80
        const length = long ? ((bytes[at] ?? 0) & 0x7f) + (bytes[at + 1] ?? 0) * 0x80 : (bytes[at] ?? 0)
        at += long ? 2 : 1
        expect(bytes.subarray(at, at + length)).toEqual(Buffer.from(value))
        at += length
      }
      expect(at).toBe(bytes.length)
    }),
  )
})

test.each(['0g', 'zz', '0', '\u00ff0'])('"%s" is no byte in hex, and is said to be none', (text) => {
  expect(new ByteWriter().hex(text, 1)).toBe(false)
})
