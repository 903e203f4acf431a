/** What is wrong with a file of facts. Every problem is collected; nothing is loaded if there is one. */
import { limits, OutlayError } from '@outlay/core'

export interface FactProblem {
  /** Line of a CSV or NDJSON file, number of the row otherwise; null for the file as a whole. */
  readonly row: number | null
  readonly column: string | null
  readonly what: string
  /** Never the value of a column that may name a person. */
  readonly got?: string
  readonly want?: string
  readonly fix?: string
}

const GOT_LENGTH_MAX = 40

/** A value for a message: cut, and never an address. */
export const shown = (text: string): string => {
  if (text.includes('@')) return `a text with "@" of ${text.length} characters, not shown`
  return JSON.stringify(text.length > GOT_LENGTH_MAX ? `${text.slice(0, GOT_LENGTH_MAX)}…` : text)
}

const placeOf = ({ row, column }: FactProblem): string =>
  [row === null ? '' : `row ${row}`, column === null ? '' : `column ${column}`].filter((part) => part !== '').join(', ')

const lineOf = (problem: FactProblem): string => {
  const { what, got, want, fix } = problem
  const place = placeOf(problem)
  return `${place === '' ? '' : `${place}: `}${what}${got === undefined ? '' : `; got ${got}`}${want === undefined ? '' : `; want ${want}`}${fix === undefined ? '' : `. ${fix}`}`
}

/** The problems that a message lists, and how many more there are. */
export const listedProblems = (
  problems: readonly FactProblem[],
): { readonly listed: readonly FactProblem[]; readonly unlisted: number } => {
  const listed = problems.slice(0, limits.factProblemsListedMax)
  return { listed, unlisted: problems.length - listed.length }
}

/** `E_FACTS`: the file with all its problems, one per line. */
export const refusedFacts = (file: string, problems: readonly FactProblem[]): OutlayError => {
  const { listed, unlisted } = listedProblems(problems)
  const lines = [...listed.map(lineOf), ...(unlisted === 0 ? [] : [`and ${unlisted} more`])]
  return new OutlayError(
    'E_FACTS',
    `facts refused, ${problems.length} problem(s), nothing was loaded:\n  ${lines.join('\n  ')}`,
    { where: file },
  )
}
