/** One program of another language, in a process of its own with nothing of this process's environment but the path. */
import { execFile } from 'node:child_process'

/** Where a case finds the stub provider, and what it asks for. */
interface CasePlace {
  readonly url: string
  readonly model: string
}

/** Everything that a program needs to know: it reads it as JSON from `OUTLAY_RUN`. */
export interface ProgramRun {
  readonly emitter: string
  readonly collectorUrl: string
  readonly cases: Readonly<Record<string, CasePlace>>
}

/** The same for languages that do not keep the order of an object. */
interface ListedRun extends Omit<ProgramRun, 'cases'> {
  readonly cases: readonly ({ readonly id: string } & CasePlace)[]
}

/** What a program writes to its output, as JSON. */
export interface ProgramReport {
  readonly ran: readonly string[]
  /** Attempts to reach anything but this machine. */
  readonly refused: readonly string[]
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly msMax: number
}

/** Rejects with what the program wrote to stderr when it fails. */
export const runProgram = (command: Command, run: ProgramRun | ListedRun): Promise<ProgramReport> => {
  const { program, args, environment, msMax } = command
  const env = { ...environment, PATH: process.env['PATH'] ?? '', OUTLAY_RUN: JSON.stringify(run) }
  return new Promise((done, failed) => {
    execFile(program, args, { env, timeout: msMax }, (error, stdout, stderr) => {
      if (error === null) done(JSON.parse(stdout) as ProgramReport)
      else failed(new Error(`${run.emitter}: ${error.message}\n${stderr}`))
    })
  })
}
