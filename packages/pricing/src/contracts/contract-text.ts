/** A contract as it was authored: kept, because a new list price needs its discounts resolved again. */
import { PriceBookError, type PriceBookProblem } from '#src/problem.ts'
import { type PriceBookSource, readSources } from '#src/vocabulary.ts'

export interface ContractText extends PriceBookSource {
  /** `tenant:acme`, `org:…`, `project:…` or `operator`. */
  readonly card: string
}

/** The card that a file declares; undefined for an overlay of the list. Throws `PriceBookError` if it cannot be read. */
export const cardOf = (source: PriceBookSource): string | undefined => {
  const problems: PriceBookProblem[] = []
  const [file] = readSources([source], problems)
  if (problems.length > 0) throw new PriceBookError(problems)
  return file?.head.card
}
