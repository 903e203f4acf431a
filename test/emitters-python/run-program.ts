/** One Python program, in a process of its own with nothing of this process's environment but the path. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { ProgramReport, ProgramTask } from './describe-emitters.ts'

interface ProgramRun extends ProgramTask {
  readonly python: string
  /** File name below `programs/`. */
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
}

const PROGRAM_MS_MAX = 60_000
const PROGRAMS = join(import.meta.dirname, 'programs')

/** Nothing reports home, and nothing is looked for in a cloud. */
const QUIET = {
  TRACELOOP_TELEMETRY: 'false',
  LOGFIRE_SEND_TO_LOGFIRE: 'false',
  LOGFIRE_IGNORE_NO_CONFIG: '1',
  OPENAI_AGENTS_DISABLE_TRACING: '0',
  LANGSMITH_TRACING: 'false',
  // Logfire hooks into every model that pydantic builds, also where it is not used.
  PYDANTIC_DISABLE_PLUGINS: '1',
} as const

/** Rejects with what the program wrote to stderr when it fails. */
export const runProgram = (run: ProgramRun): Promise<ProgramReport> => {
  const { python, program, emitter, collectorUrl, cases } = run
  const env = {
    ...QUIET,
    ...run.environment,
    PATH: process.env['PATH'] ?? '',
    PYTHONPATH: PROGRAMS,
    PYTHONNOUSERSITE: '1',
    OUTLAY_RUN: JSON.stringify({ emitter, collectorUrl, cases }),
  }
  return new Promise((done, failed) => {
    execFile(python, [join(PROGRAMS, program)], { env, timeout: PROGRAM_MS_MAX }, (error, stdout, stderr) => {
      if (error === null) done(JSON.parse(stdout) as ProgramReport)
      else failed(new Error(`${program}: ${error.message}\n${stderr}`))
    })
  })
}
