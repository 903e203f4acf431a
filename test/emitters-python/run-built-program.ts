/** One built program, in a process of its own with nothing of this process's environment but the path. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRefusingProxy } from '../harness/refusing-proxy.ts'
import type { ProgramReport, ProgramTask } from './describe-emitters.ts'

const PROGRAM_MS_MAX = 60_000

/** Rejects with what the program wrote to stderr when it fails. */
export const runBuiltProgram = async (
  program: string,
  { cases, ...task }: ProgramTask,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProgramReport> => {
  await using proxy = await startRefusingProxy()
  // A list: not every language keeps the order of an object.
  const asked = { ...task, cases: Object.entries(cases).map(([id, place]) => ({ id, ...place })) }
  const { stdout } = await promisify(execFile)(program, [], {
    timeout: PROGRAM_MS_MAX,
    env: {
      ...proxy.environment,
      ...variables,
      PATH: process.env['PATH'] ?? '',
      OUTLAY_RUN: JSON.stringify(asked),
    },
  })
  const { ran } = JSON.parse(stdout) as { readonly ran: readonly string[] }
  return { ran, refused: proxy.refused }
}
