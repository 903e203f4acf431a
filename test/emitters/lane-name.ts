/** How requests at the stub and rows in the ledger are told apart. */
import type { CaseId } from './cases.ts'

/** In the path of every request of the case. */
export const laneName = (emitter: string, id: CaseId): string => `${emitter.replaceAll(/[^\w-]+/g, '-')}/${id}`

/** Task of every ledger row of the case. */
export const taskOf = (emitter: string, id: CaseId): string => `${emitter} ${id}`
