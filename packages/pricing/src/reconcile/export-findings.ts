/** What is wrong with saved exports, all of it together, and what was noticed while reading them. */
import { OutlayError } from '@outlay/core'

/** A place in an export: `costs.json` and `data[0].results[3].amount`, or `line 12`. */
export interface ExportPlace {
  readonly file: string
  readonly path: string
}

export interface ExportProblem extends ExportPlace {
  readonly what: string
  readonly fix?: string
}

/** Something that does not stop a reconciliation but that a reader should know. */
export interface ExportNote {
  readonly file: string
  readonly what: string
  readonly times: number
}

/** Refused exports: `problems` holds all of them, the message too, one per line. Nothing was compared. */
export class ExportError extends OutlayError {
  readonly problems: readonly ExportProblem[]

  constructor(problems: readonly ExportProblem[]) {
    const lines = problems.map(
      ({ file, path, what, fix }) =>
        `\n  ${file}${path === '' ? '' : ` ${path}`}: ${what}${fix === undefined ? '' : `. ${fix}`}`,
    )
    super('E_PROVIDER_EXPORT', `export refused, ${problems.length} problem(s), nothing was compared:${lines.join('')}`)
    this.name = 'ExportError'
    this.problems = problems
  }
}

/** Collects problems and notes while files are read. */
export interface Findings {
  problem(place: ExportPlace, what: string, fix?: string): void
  note(file: string, what: string): void
  readonly problems: readonly ExportProblem[]
  notes(): readonly ExportNote[]
}

export const createFindings = (): Findings => {
  const problems: ExportProblem[] = []
  const counted = new Map<string, ExportNote>()
  return {
    problems,
    problem: ({ file, path }, what, fix) => {
      problems.push({ file, path, what, ...(fix === undefined ? {} : { fix }) })
    },
    note: (file, what) => {
      const key = `${file}\n${what}`
      counted.set(key, { file, what, times: (counted.get(key)?.times ?? 0) + 1 })
    },
    notes: () => [...counted.values()],
  }
}
