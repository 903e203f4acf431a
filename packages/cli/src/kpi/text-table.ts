/** Plain tables that never cut: what does not fit beside goes below, under the same leading columns. */

export interface TextColumn {
  readonly name: string
  readonly align: 'left' | 'right'
  /** Repeated at the left of every block. */
  readonly leads?: boolean
  /** Sentences are broken between words from here on. */
  readonly charactersMax?: number
  /** Colour of a cell; it does not change its width. */
  readonly paint?: (text: string) => string
}

const GAP = '  '
const CELL_CHARACTERS_MAX = 44

const graphemes = new Intl.Segmenter('en')
const widthOf = (text: string): number =>
  /^[ -~]*$/.test(text) ? text.length : Array.from(graphemes.segment(text)).length

const wrapped = (text: string, charactersMax: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= charactersMax)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const aligned = (text: string, width: number, { align, paint }: TextColumn): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  const painted = paint?.(text) ?? text
  return align === 'right' ? `${space}${painted}` : `${painted}${space}`
}

interface Laid {
  readonly column: TextColumn
  readonly width: number
  /** Lines of the cell of each row. */
  readonly cells: readonly (readonly string[])[]
}

const lay = (columns: readonly TextColumn[], rows: readonly (readonly string[])[]): readonly Laid[] =>
  columns.map((column, index) => {
    const cells = rows.map((row) => wrapped(row[index] ?? '', column.charactersMax ?? CELL_CHARACTERS_MAX))
    const width = Math.max(widthOf(column.name), ...cells.flat().map(widthOf))
    return { column, width, cells }
  })

const totalWidth = (laid: readonly Laid[]): number =>
  laid.reduce((sum, { width }) => sum + width, 0) + GAP.length * Math.max(0, laid.length - 1)

/** Blocks of columns, each as wide as fits; a column that is wider than that alone has a block of its own. */
const blocksOf = (laid: readonly Laid[], widthMax: number): readonly (readonly Laid[])[] => {
  const leading = laid.filter(({ column }) => column.leads === true)
  const blocks: Laid[][] = [[]]
  for (const each of laid.filter(({ column }) => column.leads !== true)) {
    const block = blocks.at(-1) ?? []
    if (block.length > 0 && totalWidth([...leading, ...block, each]) > widthMax) blocks.push([each])
    else block.push(each)
  }
  return blocks.map((block) => [...leading, ...block])
}

const blockLines = (block: readonly Laid[], rowCount: number): readonly string[] => {
  const line = (texts: readonly string[]): string => texts.join(GAP).trimEnd()
  const head = line(block.map(({ column: { name, align }, width }) => aligned(name, width, { name, align })))
  const rule = line(block.map(({ width }) => '─'.repeat(width)))
  const body = Array.from({ length: rowCount }, (_, row) => {
    const height = Math.max(...block.map(({ cells }) => cells[row]?.length ?? 0))
    return Array.from({ length: height }, (_unused, part) =>
      line(block.map(({ column, width, cells }) => aligned(cells[row]?.[part] ?? '', width, column))),
    )
  })
  return [head, rule, ...body.flat()]
}

/** Whether all columns fit side by side. */
export const fitsWidth = (
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  widthMax: number,
): boolean => totalWidth(lay(columns, rows)) <= widthMax

/** The table as text; blocks are parted by an empty line. */
export const renderTextTable = (
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  widthMax: number,
): string =>
  blocksOf(lay(columns, rows), widthMax)
    .map((block) => blockLines(block, rows.length).join('\n'))
    .join('\n\n')
