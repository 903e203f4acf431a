import { OutlayError } from '@outlay/core'
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { engineLimits } from './limits.ts'
import type { ChildMessage, ChildSettings, ParentMessage } from './messages.ts'

/** An engine process that is up and answers on `port`. */
export interface RunningChild {
  readonly pid: number
  readonly port: number
  /** Resolves when the process is gone, however it went. */
  readonly exited: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>
  send(message: ParentMessage): void
  kill(): void
}

const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './child/main.ts' : './child/main.js', import.meta.url),
)

/** Long enough for a reason, short enough not to keep what an engine prints when it crashes. */
const STDERR_BYTES_MAX = 4096

/**
 * Starts an engine process and waits until it answers. Rejects with an OutlayError: E_DATA_DIR_IN_USE, E_PORT_IN_USE or
 * E_ENGINE_START. The environment is empty but for two values, so nothing of ours can leak through a query.
 */
export const startChild = async (settings: ChildSettings, onRefusal: (rule: string) => void): Promise<RunningChild> => {
  const child = spawn(process.execPath, [entry], {
    cwd: settings.dataDir,
    env: { TZ: 'UTC', UV_THREADPOOL_SIZE: String(settings.readers + 8) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const exited = exitOf(child)
  const answer = firstAnswer(child, onRefusal)
  sendTo(child, { type: 'start', settings })
  const outcome = await Promise.race([answer, endBeforeAnswer(child, exited), silence()])
  if (outcome.type === 'ready') {
    return {
      pid: child.pid ?? 0,
      port: outcome.port,
      exited,
      send: (message) => sendTo(child, message),
      kill: () => child.kill('SIGKILL'),
    }
  }
  child.kill('SIGKILL')
  await exited
  const { code, what, ...details } = outcome.failure
  throw new OutlayError(code, what, details)
}

type StartOutcome = Exclude<ChildMessage, { readonly type: 'refused' }>

const firstAnswer = (child: ChildProcess, onRefusal: (rule: string) => void): Promise<StartOutcome> =>
  new Promise((resolve) => {
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'refused') onRefusal(message.rule)
      else resolve(message)
    })
  })

const endBeforeAnswer = async (child: ChildProcess, exited: RunningChild['exited']): Promise<StartOutcome> => {
  let complaint = ''
  // Read to its end, so that the process never blocks on it, but kept only up to the limit.
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-STDERR_BYTES_MAX)
  })
  const { exitCode, signal } = await exited
  return startFailure(`it ended with ${signal ?? exitCode}: ${complaint.trim()}`)
}

const silence = async (): Promise<StartOutcome> => {
  await delay(engineLimits.startTimeoutMs, undefined, { ref: false })
  return startFailure(`it gave no sign for ${engineLimits.startTimeoutMs} ms`)
}

const startFailure = (why: string): StartOutcome => ({
  type: 'failed',
  failure: { code: 'E_ENGINE_START', what: `the engine could not start: ${why}` },
})

/** A process that is already gone is told nothing; its exit is reported by itself. */
const sendTo = (child: ChildProcess, message: ParentMessage): void => {
  if (child.connected) child.send(message, () => undefined)
}

const exitOf = (child: ChildProcess): RunningChild['exited'] =>
  new Promise((resolve) => {
    child.once('error', () => resolve({ exitCode: null, signal: null }))
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
