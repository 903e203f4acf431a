/**
 * Columns read back from a block of ClickHouse's Native format (revision 0), as far as blocks of ours need it: to learn
 * which traces a refused block is about. A column of any other kind that stands before the last wanted one is refused.
 */

const UINT64_BYTES = 8

class BlockReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  take(length: number): Buffer {
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    if (part.length < length) throw new Error('the block ends too soon')
    this.#at += length
    return part
  }

  varuint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.take(1)[0] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  text(): string {
    return this.take(this.varuint()).toString('utf8')
  }
}

const FIXED_BYTES: Readonly<Record<string, number>> = { UInt8: 1, Int8: 1, UInt16: 2, UInt32: 4, UInt64: 8, Int64: 8 }

const fixedBytesOf = (type: string): number | undefined => {
  const [, fixedString] = /^FixedString\((\d+)\)$/.exec(type) ?? []
  if (fixedString !== undefined) return Number(fixedString)
  if (type.startsWith('DateTime64')) return UINT64_BYTES
  return type.startsWith('DateTime') ? 4 : FIXED_BYTES[type]
}

/** Values as text: strings as they are, everything else as the hex digits of its bytes. */
const readColumn = (reader: BlockReader, type: string, rows: number): readonly string[] => {
  if (type === 'String') return Array.from({ length: rows }, () => reader.text())
  if (type === 'Array(String)') {
    const offsets = reader.take(rows * UINT64_BYTES)
    const items = rows === 0 ? 0 : Number(offsets.readBigUInt64LE((rows - 1) * UINT64_BYTES))
    readColumn(reader, 'String', items)
    return Array.from({ length: rows }, () => '')
  }
  const bytes = fixedBytesOf(type)
  if (bytes === undefined) throw new Error(`a column of type ${type} is not read back`)
  return Array.from({ length: rows }, () => reader.take(bytes).toString('hex'))
}

/** The wanted columns by their names. Fails where the block is not one of ours. */
export const readNativeColumns = (
  block: Buffer,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> => {
  const reader = new BlockReader(block)
  const [columns, rows] = [reader.varuint(), reader.varuint()]
  const found = new Map<string, readonly string[]>()
  for (let column = 0; column < columns && found.size < wanted.size; column += 1) {
    const [name, type] = [reader.text(), reader.text()]
    const values = readColumn(reader, type, rows)
    if (wanted.has(name)) found.set(name, values)
  }
  return found
}
