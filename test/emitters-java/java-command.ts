/** How Java runs a program of `programs/`. */
import { hostname } from 'node:os'
import type { RunOf } from '../emitters-foreign/run-emitters.ts'
import { runProgram } from '../emitters-foreign/run-program.ts'
import type { Missing } from '../harness/prepared-folder.ts'
import type { JavaEmitter } from './emitter.ts'
import { prepareJavaEnvironment } from './java-environment.ts'

const PROGRAM_MS_MAX = 120_000

/** Refuses all but this machine, and starts sooner than a machine that is to run for days. */
const MACHINE = [
  '-Djava.security.manager=LoopbackOnly',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xshare:auto',
  '-Xmx512m',
]

const agentOptions = (agent: string, { id }: JavaEmitter, tracesUrl: string): readonly string[] => [
  `-javaagent:${agent}`,
  `-Dotel.service.name=${id}`,
  `-Dotel.exporter.otlp.traces.endpoint=${tracesUrl}`,
  '-Dotel.metrics.exporter=none',
  '-Dotel.logs.exporter=none',
]

/** The way to run programs, or what this machine lacks for it. */
export const prepareJava = async (): Promise<RunOf<JavaEmitter> | Missing> => {
  const prepared = await prepareJavaEnvironment()
  if ('missing' in prepared) return prepared
  return (emitter, run) => {
    const agent = emitter.agent === true ? agentOptions(prepared.agent, emitter, `${run.collectorUrl}/v1/traces`) : []
    const command = {
      program: 'java',
      args: [...MACHINE, ...agent, '-cp', prepared.classPaths[emitter.packages], emitter.program],
      // Its own name may be looked up.
      environment: { HOSTNAME: hostname(), ...emitter.environment },
      msMax: PROGRAM_MS_MAX,
    }
    return runProgram(command, run)
  }
}
