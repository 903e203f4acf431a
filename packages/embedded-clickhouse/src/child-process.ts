import { OutlayError } from '@outlay/core'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { engineLimits } from './limits.ts'
import type { AnswerCounts, ChildMessage, ChildSettings, ParentMessage, StartFailure } from './messages.ts'

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

/** Where this process keeps its compiled code, the engine's does as well: it starts in two thirds of the time. */
const compileCache = (): NodeJS.ProcessEnv => {
  // Node answers the folder of its own version in the directory that it was given.
  const ofThisNode = getCompileCacheDir()
  return ofThisNode === undefined ? {} : { NODE_COMPILE_CACHE: dirname(ofThisNode) }
}

/** Long enough for a reason, short enough not to keep what an engine prints when it crashes. */
const STDERR_BYTES_MAX = 4096

/**
 * Starts an engine process and waits until it answers. Rejects with an OutlayError: E_DATA_DIR_IN_USE, E_PORT_IN_USE or
 * E_ENGINE_START. The environment is empty but for what is named here, so nothing of ours can leak through a query.
 */
export const startChild = async (settings: ChildSettings, listeners: ChildListeners): Promise<RunningChild> => {
  const child = spawn(process.execPath, [entry], {
    cwd: settings.dataDir,
    env: { TZ: 'UTC', UV_THREADPOOL_SIZE: String(settings.readers + 8), ...compileCache() },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const exited = exitOf(child)
  const complaint = complaintOf(child)
  const answer = firstAnswer(child, listeners)
  sendTo(child, { type: 'start', settings })
  const outcome = await Promise.race([answer, endBeforeAnswer(exited), silence()])
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
  throw await startError(outcome.failure, complaint(), settings)
}

/** The engine's own lock has the last word on who owns a directory; it says so on stderr only. */
const startError = async (
  failure: StartFailure,
  complaint: string,
  { dataDir }: ChildSettings,
): Promise<OutlayError> => {
  if (complaint.includes('Cannot lock file')) {
    const status = await readFile(join(dataDir, 'engine', 'status'), 'utf8').catch(() => '')
    return new OutlayError('E_DATA_DIR_IN_USE', 'the data directory belongs to a running engine', {
      where: dataDir,
      got: `process ${/PID: (\d+)/.exec(status)?.[1] ?? 'unknown'}`,
      fix: 'Use that engine (credentials.json in the directory tells how), stop it, or choose another directory',
    })
  }
  const { code, what, ...details } = failure
  return new OutlayError(
    code,
    what,
    code === 'E_ENGINE_START' && complaint !== '' ? { ...details, got: complaint } : details,
  )
}

export interface ChildListeners {
  readonly onRefusal: (rule: string) => void
  readonly onAnswered: (counts: AnswerCounts) => void
}

type StartOutcome = Exclude<ChildMessage, { readonly type: 'refused' | 'answered' }>

const firstAnswer = (child: ChildProcess, { onRefusal, onAnswered }: ChildListeners): Promise<StartOutcome> =>
  new Promise((resolve) => {
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'refused') onRefusal(message.rule)
      else if (message.type === 'answered') onAnswered(message.counts)
      else resolve(message)
    })
  })

/** Keeps the last of what the process writes to stderr, and reads all of it, so that it never blocks on it. */
const complaintOf = (child: ChildProcess): (() => string) => {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-STDERR_BYTES_MAX)
  })
  return () => complaint.trim()
}

const endBeforeAnswer = async (exited: RunningChild['exited']): Promise<StartOutcome> => {
  const { exitCode, signal } = await exited
  return startFailure(`it ended with ${signal ?? exitCode}`)
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
    // Not `exit`: by now its last words on stderr have been read.
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }))
  })
