import { gzipSync } from 'node:zlib'
import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { readTraceFile } from '#src/normalize/read-trace-file.ts'
import { encodeRequest, jsonRequest, spanOf, textAttribute } from '../otlp/requests.ts'

const read = (bytes: Buffer | string) => readTraceFile({ name: 'file', bytes: Buffer.from(bytes) })
const shapeOf = (bytes: Buffer | string) =>
  read(bytes).map(({ encoding, body, where }) => [encoding, body.length, where])

const json = JSON.stringify(jsonRequest('one'))
const protobuf = encodeRequest([spanOf()])
const framed = (body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

describe('a file of spans is told by its bytes', () => {
  test.each([
    ['JSON', json, [['json', json.length, 'file']]],
    ['JSON over many lines', JSON.stringify(jsonRequest('one'), null, 2), [['json', expect.any(Number), 'file']]],
    ['JSON behind a byte order mark', `\uFEFF${json}`, [['json', json.length, 'file']]],
    ['JSON behind an empty line', `\n${json}`, [['json', json.length + 1, 'file']]],
    ['protobuf', protobuf, [['protobuf', protobuf.length, 'file']]],
    [
      'one request per line, with empty lines between',
      `${json}\r\n\n${json}\n`,
      [
        ['json', json.length + 1, 'file:1'],
        ['json', json.length, 'file:3'],
      ],
    ],
    [
      'protobuf behind its length',
      Buffer.concat([framed(protobuf), framed(protobuf)]),
      [
        ['protobuf', protobuf.length, 'file, message at byte 4'],
        ['protobuf', protobuf.length, `file, message at byte ${protobuf.length + 8}`],
      ],
    ],
  ])('%s', (_, bytes, expected) => {
    expect(shapeOf(bytes)).toEqual(expected)
    expect(shapeOf(gzipSync(bytes))).toEqual(expected)
  })

  test('protobuf whose length byte is a brace is not taken for JSON', () => {
    const padded = (bytes: number): Buffer =>
      encodeRequest([spanOf({ attributes: [textAttribute('k', 'v'.repeat(bytes))] })])
    const body = Array.from({ length: 120 }, (_, bytes) => padded(bytes)).find((each) => each[1] === 0x7b)
    expect(body).toBeDefined()
    expect(shapeOf(body ?? '')).toEqual([['protobuf', body?.length, 'file']])
  })
})

describe('what is no file of spans is refused with what was found', () => {
  test.each([
    ['nothing', '', /file: there is nothing in it; want an OTLP/],
    ['blank lines', '\n \n', /there is nothing in it/],
    ['a list', '[]', /got a JSON list/],
    ['other text', 'hello', /got text that is no JSON object/],
    ['UTF-16', Buffer.from(`\uFEFF${json}`, 'utf16le'), /not UTF-8; got text in UTF-16/],
    ['gzip that was cut', gzipSync(json).subarray(0, 40), /not a complete gzip stream/],
    ['a frame that was cut', framed(protobuf).subarray(0, 20), /no whole message of a length at byte 0/],
    ['a length that was cut', Buffer.alloc(2), /no whole message of a length at byte 0/],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message)
  })

  test('a file above its limit, inflated or not, at the edge', () => {
    const bytes = Buffer.from(json)
    const most = (file: Buffer, bytesMax: number) => readTraceFile({ name: 'file', bytes: file }, bytesMax)
    expect(most(bytes, json.length)).toHaveLength(1)
    expect(() => most(bytes, json.length - 1)).toThrow(/larger than/)
    const large = Buffer.from(json + ' '.repeat(10_000))
    expect(most(gzipSync(large), large.length)).toHaveLength(1)
    expect(() => most(gzipSync(large), large.length - 1)).toThrow(/inflates to more than/)
  })

  test('a request that no collector takes', () => {
    const body = Buffer.alloc(limits.requestBodyBytesMax + 1, ' ')
    body.write(json)
    expect(read(body.subarray(0, -1))).toHaveLength(1)
    expect(() => read(body)).toThrow(/a request larger than/)
  })
})
