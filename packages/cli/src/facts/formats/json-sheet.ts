/** JSON: an array of objects, or one object per line. Numbers are read with the digits they were written with. */
import { NumberText, parseExactJson } from '@outlay/pricing'
import type { FactProblem } from '#src/facts/fact-problem.ts'
import {
  EMPTY,
  type FactCell,
  type FactSheet,
  numberCell,
  otherCell,
  refusedSheet,
  type SheetBounds,
  textCell,
  tooManyRows,
} from '#src/facts/fact-sheet.ts'

interface Element {
  readonly at: number
  readonly value: unknown
}

export const readJsonSheet = (text: string, bounds: SheetBounds): FactSheet => {
  const body = text.replace(/^\uFEFF/, '')
  const problems: FactProblem[] = []
  const elements = /^\s*\[/.test(body) ? readArray(body, problems) : readLines(body, problems)
  if (elements.length > bounds.rowsMax) return refusedSheet(tooManyRows(elements.length, bounds))
  const columns: string[] = []
  const positions = new Map<string, number>()
  const rows = elements.flatMap(({ at, value }) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NumberText) {
      problems.push({ row: at, column: null, what: 'not an object', want: '{"column": value, …}' })
      return []
    }
    const cells: FactCell[] = []
    for (const [name, content] of Object.entries(value)) {
      let position = positions.get(name)
      if (position === undefined) {
        position = columns.push(name) - 1
        positions.set(name, position)
      }
      cells[position] = cellOf(content)
    }
    return [{ at, cells }]
  })
  // Objects may leave keys out.
  return {
    columns,
    rows: rows.map(({ at, cells }) => ({ at, cells: columns.map((_, position) => cells[position] ?? EMPTY) })),
    problems,
  }
}

const cellOf = (content: unknown): FactCell => {
  if (content === null) return EMPTY
  if (typeof content === 'string') return textCell(content)
  if (content instanceof NumberText) return numberCell(content.text)
  return otherCell(typeof content === 'boolean' ? 'a boolean' : Array.isArray(content) ? 'a list' : 'an object')
}

/** `undefined` for what is no JSON. The engine's message would quote the file. */
const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: parseExactJson(text) }
  } catch (error) {
    // A RangeError is nesting beyond what the runtime's stack takes: no fact is nested.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

const readArray = (text: string, problems: FactProblem[]): readonly Element[] => {
  const whole = parsed(text)
  if (whole !== undefined) return (whole.value as unknown[]).map((value, index) => ({ at: index + 1, value }))
  problems.push({ row: null, column: null, what: 'not JSON', want: 'an array of objects, or one object per line' })
  return []
}

const readLines = (text: string, problems: FactProblem[]): readonly Element[] =>
  text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const element = parsed(line)
    if (element !== undefined) return [{ at: index + 1, value: element.value }]
    problems.push({ row: index + 1, column: null, what: 'not JSON', want: 'one object per line, or one array' })
    return []
  })
