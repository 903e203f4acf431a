/** A program that was built, and cannot refuse by itself what lies beyond this machine: a proxy does. */
import { startRefusingProxy } from '../harness/refusing-proxy.ts'
import { type ProgramReport, type ProgramRun, runProgram } from './run-program.ts'

const PROGRAM_MS_MAX = 60_000

/** Rejects with what the program wrote to stderr when it fails. */
export const runBuiltProgram = async (
  program: string,
  { cases, ...run }: ProgramRun,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProgramReport> => {
  await using proxy = await startRefusingProxy()
  const command = {
    program,
    args: [],
    environment: { ...proxy.environment, ...variables },
    msMax: PROGRAM_MS_MAX,
  }
  const listed = Object.entries(cases).map(([id, place]) => ({ id, ...place }))
  const { ran } = await runProgram(command, { ...run, cases: listed })
  return { ran, refused: proxy.refused }
}
