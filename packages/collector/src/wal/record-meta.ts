/**
 * The meta block of a record: authority, tenant, token id, ruleset id, transport, each `u16 length | UTF-8`, in this
 * order. Length 0xFFFF = absent. Fields that a later version adds come after these and are ignored here.
 */
import { assert } from '@outlay/core'
import type { RecordMeta } from './types.ts'

const ABSENT = 0xffff
const FIELD_BYTES_MAX = 4_096

export const encodeRecordMeta = (meta: RecordMeta): Buffer => {
  const parts: Buffer[] = []
  for (const field of [meta.authority, meta.tenant, meta.tokenId, meta.rulesetId, meta.transport]) {
    const text = Buffer.from(field ?? '')
    assert(text.length <= FIELD_BYTES_MAX, 'a meta field of a record exceeds its bound')
    const length = Buffer.alloc(2)
    length.writeUInt16LE(field === undefined ? ABSENT : text.length)
    parts.push(length, text)
  }
  return Buffer.concat(parts)
}

/** Undefined if the block is shorter than its own lengths say or lacks a mandatory field. */
const decodeRecordMeta = (block: Buffer): RecordMeta | undefined => {
  const fields: (string | undefined)[] = []
  let at = 0
  for (let index = 0; index < 5; index += 1) {
    if (at + 2 > block.length) return undefined
    const length = block.readUInt16LE(at)
    at += 2
    if (length === ABSENT) {
      fields.push(undefined)
      continue
    }
    if (at + length > block.length) return undefined
    fields.push(block.toString('utf8', at, at + length))
    at += length
  }
  const [authority, tenant, tokenId, rulesetId, transport] = fields
  if (authority === undefined || rulesetId === undefined || transport === undefined) return undefined
  return {
    authority,
    ...(tenant === undefined ? {} : { tenant }),
    ...(tokenId === undefined ? {} : { tokenId }),
    rulesetId,
    transport,
  }
}

const KNOWN_MAX = 256

/** The records of a sender say the same of it: each block is decoded once, and the same object stands for it. */
export class KnownMetas {
  readonly #byBlock = new Map<string, RecordMeta>()

  /** Undefined if the block is malformed. */
  decode(buffer: Buffer, start: number, end: number): RecordMeta | undefined {
    const key = buffer.toString('latin1', start, end)
    const known = this.#byBlock.get(key)
    if (known !== undefined) return known
    const meta = decodeRecordMeta(buffer.subarray(start, end))
    if (meta === undefined) return undefined
    if (this.#byBlock.size >= KNOWN_MAX) this.#byBlock.clear()
    this.#byBlock.set(key, meta)
    return meta
  }
}
