/**
 * A file of spans → the trace requests in it. What it is, is told by its bytes and never by its name: one request as JSON
 * or protobuf, one request per line, or protobuf requests behind their lengths, as file exporters write them; each of
 * these in gzip or not. Messages name places, never values.
 */
import { gunzipSync } from 'node:zlib'
import { limits, OutlayError } from '@outlay/core'
import type { RequestEncoding } from '#src/otlp/rpc-status.ts'

export interface TraceFile {
  /** How messages call it. */
  readonly name: string
  readonly bytes: Buffer
}

export interface TraceFileRequest {
  readonly encoding: RequestEncoding
  readonly body: Buffer
  /** The file, and the line or byte where that is not all of it. */
  readonly where: string
}

const WANTED = 'an OTLP ExportTraceServiceRequest as JSON or protobuf, or JSON requests one per line'

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const UTF16_MARKS: ReadonlySet<string> = new Set(['fffe', 'feff'])
const LINE_FEED = 0x0a
const BRACE = 0x7b
const LENGTH_BYTES = 4

const isSpace = (byte: number | undefined): boolean =>
  byte === LINE_FEED || byte === 0x20 || byte === 0x09 || byte === 0x0d

const isText = (bytes: Buffer): boolean => bytes.every((byte) => byte >= 0x20 || isSpace(byte))

export const refuseTraces = (where: string, what: string, got?: string): never => {
  throw new OutlayError('E_TRACE_FILE', what, { where, want: WANTED, ...(got === undefined ? {} : { got }) })
}

/** Inflated, if it is compressed. */
const inflate = ({ name, bytes }: TraceFile, bytesMax: number): Buffer => {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax })
  } catch (error) {
    if (error instanceof RangeError) return refuseTraces(name, `inflates to more than ${bytesMax} bytes`)
    return refuseTraces(name, 'begins like gzip and is not a complete gzip stream')
  }
}

/** Line breaks and a brace may also begin a protobuf message, but then the tag of its spans (a control byte) follows. */
const looksLikeJson = (bytes: Buffer): boolean => {
  const start = bytes.findIndex((byte) => !isSpace(byte))
  if (bytes[start] !== BRACE) return false
  return start === 0 || isText(bytes.subarray(0, limits.attributeValueBytesMax))
}

const parsesAsJson = (line: Buffer): boolean => {
  try {
    JSON.parse(line.toString('utf8'))
    return true
  } catch {
    return false
  }
}

interface Line {
  readonly number: number
  readonly text: Buffer
}

const linesOf = (bytes: Buffer): Line[] => {
  const lines: Line[] = []
  for (let start = 0, number = 1; start < bytes.length; number += 1) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    const text = bytes.subarray(start, end)
    if (!text.every(isSpace)) lines.push({ number, text })
    start = end + 1
  }
  return lines
}

/** A first line that is complete by itself makes it one request per line; else line breaks mean nothing. */
const jsonRequestsOf = (name: string, bytes: Buffer): TraceFileRequest[] => {
  const lines = linesOf(bytes)
  const [first] = lines
  if (first === undefined || lines.length === 1 || !parsesAsJson(first.text)) {
    return [{ encoding: 'json', body: bytes, where: name }]
  }
  return lines.map(({ number, text }) => ({ encoding: 'json', body: text, where: `${name}:${number}` }))
}

/** Each message behind its length in four bytes. */
const framedRequestsOf = (name: string, bytes: Buffer): TraceFileRequest[] => {
  const requests: TraceFileRequest[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES
    const end = start <= bytes.length ? start + bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length)
      return refuseTraces(name, `no protobuf request, and no whole message of a length at byte ${at}`)
    requests.push({
      encoding: 'protobuf',
      body: bytes.subarray(start, end),
      where: `${name}, message at byte ${start}`,
    })
    at = end
  }
  return requests
}

const PROTOBUF_START = 0x0a
const SAMPLE_BYTES = 64

const requestsOf = (name: string, bytes: Buffer): TraceFileRequest[] => {
  if (bytes.every(isSpace)) return refuseTraces(name, 'there is nothing in it')
  if (UTF16_MARKS.has(bytes.toString('hex', 0, 2))) return refuseTraces(name, 'not UTF-8', 'text in UTF-16')
  if (looksLikeJson(bytes)) return jsonRequestsOf(name, bytes)
  // A message never begins with a zero: that is no tag.
  if (bytes[0] === 0) return framedRequestsOf(name, bytes)
  if (bytes[0] !== PROTOBUF_START && isText(bytes.subarray(0, SAMPLE_BYTES))) {
    return refuseTraces(name, 'not a trace request', bytes[0] === 0x5b ? 'a JSON list' : 'text that is no JSON object')
  }
  return [{ encoding: 'protobuf', body: bytes, where: name }]
}

/** The requests of one file of at most `bytesMax` bytes, inflated; in order. Fails with `E_TRACE_FILE`. */
export const readTraceFile = (
  file: TraceFile,
  bytesMax: number = limits.traceFileBytesMax,
): readonly TraceFileRequest[] => {
  const { name } = file
  if (file.bytes.length > bytesMax) {
    return refuseTraces(name, `larger than ${bytesMax} bytes`, `${file.bytes.length} bytes`)
  }
  const inflated = inflate(file, bytesMax)
  const isMarked = inflated.subarray(0, UTF8_MARK.length).equals(UTF8_MARK)
  const requests = requestsOf(name, isMarked ? inflated.subarray(UTF8_MARK.length) : inflated)
  const large = requests.find(({ body }) => body.length > limits.requestBodyBytesMax)
  if (large !== undefined) {
    const most = `a request larger than ${limits.requestBodyBytesMax} bytes, which no collector takes`
    return refuseTraces(large.where, most, `${large.body.length} bytes`)
  }
  return requests
}
