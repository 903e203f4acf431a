/** What a person may ask of whoever writes a ledger, and what is answered: as it goes over the socket of a collector. */
import { z } from 'zod'
import type { RebuiltLedger } from './rebuild-ledger.ts'
import type { ReplayedFiles } from './replay-files.ts'
import type { ReplayedQuarantine } from './replay-quarantine.ts'

const rangeSchema = z.object({ from: z.number(), to: z.number() })

export const upkeepJobSchema = z.discriminatedUnion('job', [
  z.object({
    job: z.literal('rebuild'),
    database: z.string(),
    range: rangeSchema,
    followRules: z.boolean(),
    idle: z.boolean(),
  }),
  z.object({
    job: z.literal('replay'),
    database: z.string(),
    /** Files of the log's quarantine. */
    files: z.boolean(),
    /** Calls in the table of that name. */
    quarantine: z.boolean(),
  }),
])

export type UpkeepJob = z.infer<typeof upkeepJobSchema>

interface Answers {
  readonly rebuild: RebuiltLedger
  readonly replay: ReplayedLedger
}

/** Absent: it was not asked for. */
export interface ReplayedLedger {
  readonly files?: ReplayedFiles
  readonly quarantine?: ReplayedQuarantine
}
export type UpkeepAnswer<Job extends UpkeepJob> = Answers[Job['job']]

/** One line of an answer. The last one is a result or a failure. */
export type UpkeepLine =
  | { readonly progress: string }
  | { readonly result: Answers[keyof Answers] }
  | { readonly failure: { readonly code: string; readonly message: string } }
