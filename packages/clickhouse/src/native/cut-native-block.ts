/**
 * Reads a block of the Native format (revision 0) just far enough to cut rows out of it: what was sealed can be sent in
 * parts later, byte for byte as it was encoded, without the rows it was made of.
 */
import { assert } from '@outlay/core'
import { ByteWriter } from './byte-writer.ts'

/** A block that can be cut. */
export interface CuttableBlock {
  readonly rows: number
  /** Rows from..to-1 as a block of their own. */
  cut(from: number, to: number): Buffer
  /** A text, a whole number or, in lower-case hex, a FixedString; undefined for other types and unknown columns. */
  cell(column: string, row: number): bigint | string | undefined
}

/** Cells of one column, or of what its arrays hold. */
interface Cells {
  /** Where they end in the block. */
  readonly end: number
  copy(from: number, to: number, out: ByteWriter): void
  value?(row: number): bigint | string
}

interface Source {
  readonly bytes: Buffer
  readonly start: number
  readonly rows: number
}

const MAP = 'Map(String, '
const INTEGER = /^(U?)Int(8|16|32|64)$/
const BYTES_OF: Readonly<Record<string, number>> = { Date: 2, Float64: 8, "DateTime('UTC')": 4 }
const BITS_PER_BYTE = 8
const OFFSET_BYTES = 8

/** Opens a block that this package encoded. Anything else fails. */
export const openNativeBlock = (bytes: Buffer): CuttableBlock => {
  const columnCount = readVaruint(bytes, 0)
  const rowCount = readVaruint(bytes, columnCount.end)
  const rows = rowCount.value
  const columns = new Map<string, { readonly type: string; readonly cells: Cells }>()
  let at = rowCount.end
  for (let n = 0; n < columnCount.value; n += 1) {
    const name = readText(bytes, at)
    const type = readText(bytes, name.end)
    const cells = openCells(type.value, { bytes, start: type.end, rows })
    columns.set(name.value, { type: type.value, cells })
    at = cells.end
  }
  assert(at === bytes.length, 'a block ends with its last column')
  return {
    rows,
    cut: (from, to) => {
      assert(0 <= from && from < to && to <= rows, 'rows to cut lie in the block')
      const out = new ByteWriter()
      out.varuint(columns.size)
      out.varuint(to - from)
      for (const [name, { type, cells }] of columns) {
        out.text(name)
        out.text(type)
        cells.copy(from, to, out)
      }
      return Buffer.from(out.bytes())
    },
    cell: (column, row) => columns.get(column)?.cells.value?.(row),
  }
}

const argumentOf = (type: string, wrapper: string): string | undefined =>
  type.startsWith(`${wrapper}(`) ? type.slice(wrapper.length + 1, -1) : undefined

const openCells = (type: string, source: Source): Cells => {
  if (type === 'String') return openStrings(source)
  const nullable = argumentOf(type, 'Nullable')
  if (nullable !== undefined) return openNullable(nullable, source)
  const element = argumentOf(type, 'Array')
  if (element !== undefined) return openNested([element], source)
  if (type.startsWith(MAP)) return openNested(['String', type.slice(MAP.length, -1)], source)
  return openFixed(type, source)
}

const widthOf = (type: string): number => {
  const known = BYTES_OF[type]
  if (known !== undefined) return known
  const integer = INTEGER.exec(type)
  if (integer) return Number(integer[2]) / BITS_PER_BYTE
  if (type.startsWith('DateTime64(')) return 8
  if (type.startsWith('Decimal(18')) return 8
  if (type.startsWith('Decimal(38')) return 16
  const fixed = argumentOf(type, 'FixedString')
  assert(fixed !== undefined, `a block has columns of known types only, not ${type}`)
  return Number(fixed)
}

const openFixed = (type: string, { bytes, start, rows }: Source): Cells => {
  const width = widthOf(type)
  const slice = (from: number, to: number): Buffer => bytes.subarray(start + from * width, start + to * width)
  const end = start + rows * width
  const copy = (from: number, to: number, out: ByteWriter): void => out.raw(slice(from, to))
  if (type.startsWith('FixedString(')) return { end, copy, value: (row) => slice(row, row + 1).toString('hex') }
  const integer = INTEGER.exec(type)
  if (!integer) return { end, copy }
  const isUnsigned = integer[1] === 'U'
  return {
    end,
    copy,
    value: (row) => {
      const bits = littleEndian(slice(row, row + 1))
      return isUnsigned ? bits : BigInt.asIntN(width * BITS_PER_BYTE, bits)
    },
  }
}

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)

const openStrings = ({ bytes, start, rows }: Source): Cells => {
  const starts = new Float64Array(rows + 1)
  let at = start
  for (let row = 0; row < rows; row += 1) {
    starts[row] = at
    const length = readVaruint(bytes, at)
    at = length.end + length.value
  }
  starts[rows] = at
  return {
    end: at,
    copy: (from, to, out) => out.raw(bytes.subarray(starts[from], starts[to])),
    value: (row) => readText(bytes, starts[row] ?? at).value,
  }
}

const openNullable = (element: string, source: Source): Cells => {
  const { bytes, start, rows } = source
  const values = openCells(element, { bytes, start: start + rows, rows })
  return {
    end: values.end,
    copy: (from, to, out) => {
      out.raw(bytes.subarray(start + from, start + to))
      values.copy(from, to, out)
    },
  }
}

/** Cumulative ends of the rows, then the elements of all rows, one column after the other. */
const openNested = (elements: readonly string[], { bytes, start, rows }: Source): Cells => {
  const endOf = (row: number): number => (row < 0 ? 0 : Number(bytes.readBigUInt64LE(start + row * OFFSET_BYTES)))
  const count = endOf(rows - 1)
  const columns: Cells[] = []
  let at = start + rows * OFFSET_BYTES
  for (const type of elements) {
    const cells = openCells(type, { bytes, start: at, rows: count })
    columns.push(cells)
    at = cells.end
  }
  return {
    end: at,
    copy: (from, to, out) => {
      const before = endOf(from - 1)
      for (let row = from; row < to; row += 1) out.uint64(BigInt(endOf(row) - before))
      for (const cells of columns) cells.copy(before, endOf(to - 1), out)
    },
  }
}

const VARUINT_BASE = 0x80

const readVaruint = (bytes: Buffer, start: number): { readonly value: number; readonly end: number } => {
  let value = 0
  let at = start
  for (let factor = 1; ; factor *= VARUINT_BASE) {
    const byte = bytes[at]
    assert(byte !== undefined && Number.isSafeInteger(factor), 'a length ends in the block')
    at += 1
    value += (byte % VARUINT_BASE) * factor
    if (byte < VARUINT_BASE) return { value, end: at }
  }
}

const readText = (bytes: Buffer, start: number): { readonly value: string; readonly end: number } => {
  const length = readVaruint(bytes, start)
  const end = length.end + length.value
  return { value: bytes.toString('utf8', length.end, end), end }
}
