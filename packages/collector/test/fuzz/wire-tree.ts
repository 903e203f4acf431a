/** A protobuf message as a tree that can be changed anywhere: what encloses a change gets its new length by itself. */
import { writeVarint, varintBytes, WireReader } from '#src/otlp/wire-reader.ts'

export interface Field {
  /** The tag and, unless the payload is length-delimited, the value. */
  readonly head: Buffer
  /** Of a length-delimited field: bytes, or fields if they read as a message. */
  readonly payload: Buffer | readonly Field[] | undefined
}

const WIRE_BYTES = 2

export const varintOf = (value: number): Buffer => {
  const bytes = Buffer.alloc(varintBytes(value))
  writeVarint(bytes, value, 0)
  return bytes
}

const WIRE_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 5])

/** Most texts are no message by their first byte or two; an error for each would take longer than everything else. */
const mayBeMessage = (bytes: Buffer): boolean => {
  const [tag = 0, length = 0] = bytes
  if (tag < 8 || !WIRE_TYPES.has(tag & 7)) return false
  return tag >= 0x80 || (tag & 7) !== WIRE_BYTES || length >= 0x80 || length <= bytes.length - 2
}

/** Undefined if the bytes are no message. */
const readFields = (bytes: Buffer): Field[] | undefined => {
  if (!mayBeMessage(bytes)) return undefined
  const reader = new WireReader(bytes)
  const fields: Field[] = []
  try {
    while (reader.pos < bytes.length) fields.push(readField(reader))
    return fields
  } catch {
    return undefined
  }
}

const readField = (reader: WireReader): Field => {
  const { bytes } = reader
  const start = reader.pos
  const tag = reader.tag(bytes.length)
  if ((tag & 7) !== WIRE_BYTES) {
    reader.skip(tag, bytes.length)
    return { head: bytes.subarray(start, reader.pos), payload: undefined }
  }
  const head = bytes.subarray(start, reader.pos)
  const end = reader.payloadEnd(bytes.length)
  const payload = bytes.subarray(reader.pos, end)
  reader.pos = end
  return { head, payload: payload.length < 2 ? payload : (readFields(payload) ?? payload) }
}

/** Most changes begin at the same few bodies. */
const known = new WeakMap<Buffer, readonly Field[]>()

/** Throws if the bytes are no message. */
export const treeOf = (message: Buffer): readonly Field[] => {
  const fields = known.get(message) ?? readFields(message)
  if (fields === undefined) throw new Error('no message')
  known.set(message, fields)
  return fields
}

export const encodeField = ({ head, payload }: Field): Buffer => {
  if (payload === undefined) return head
  const content = Buffer.isBuffer(payload) ? payload : encodeTree(payload)
  return Buffer.concat([head, varintOf(content.length), content])
}

export const encodeTree = (fields: readonly Field[]): Buffer => Buffer.concat(fields.map(encodeField))

export const fieldsOf = ({ payload }: Field): readonly Field[] | undefined =>
  payload === undefined || Buffer.isBuffer(payload) ? undefined : payload
