/** Frames of HTTP/2 (RFC 9113) written by hand: what no client of a library would send. */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const TYPE = { headers: 1, resetStream: 3, settings: 4, ping: 6 } as const
const END_HEADERS = 4
const CANCEL = 8
const FRAME_HEADER_BYTES = 9

const frame = (type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(FRAME_HEADER_BYTES)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A literal of HPACK that nobody indexes, without Huffman: each text below 127 bytes. */
const header = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)])

export const opening = (): Buffer => Buffer.concat([Buffer.from(PREFACE), frame(TYPE.settings, 0, 0)])

export const settingsFrame = (): Buffer => frame(TYPE.settings, 0, 0)

export const pingFrame = (): Buffer => frame(TYPE.ping, 0, 0, Buffer.alloc(8))

/** A request that its sender takes back at once. */
export const resetRequest = (stream: number, path: string, contentType: string): Buffer => {
  const headers = [
    header(':method', 'POST'),
    header(':scheme', 'http'),
    header(':path', path),
    header(':authority', 'localhost'),
    header('content-type', contentType),
    header('te', 'trailers'),
  ]
  const reason = Buffer.alloc(4)
  reason.writeUInt32BE(CANCEL)
  return Buffer.concat([
    frame(TYPE.headers, END_HEADERS, stream, Buffer.concat(headers)),
    frame(TYPE.resetStream, 0, stream, reason),
  ])
}
