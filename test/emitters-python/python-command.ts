/** How Python runs a program of `programs/`. */
import { join } from 'node:path'
import type { RunOf } from '../emitters-foreign/run-emitters.ts'
import { runProgram } from '../emitters-foreign/run-program.ts'
import type { Missing } from '../harness/prepared-folder.ts'
import type { PythonEmitter } from './emitter.ts'
import { preparePythonEnvironment } from './python-environment.ts'

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

/** The way to run programs, or what this machine lacks for it. */
export const preparePython = async (): Promise<RunOf<PythonEmitter> | Missing> => {
  const pythons = await preparePythonEnvironment()
  if ('missing' in pythons) return pythons
  return ({ program, packages = 'main', environment }, run) => {
    const command = {
      program: pythons[packages],
      args: [join(PROGRAMS, program)],
      environment: { ...QUIET, ...environment, PYTHONPATH: PROGRAMS, PYTHONNOUSERSITE: '1' },
      msMax: PROGRAM_MS_MAX,
    }
    return runProgram(command, run)
  }
}
