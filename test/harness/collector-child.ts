/** Starts and ends a collector in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { CollectorSettings } from '@outlay/collector'
import { ALLOCATOR_ENVIRONMENT, NODE_FLAGS } from '../../scripts/node-memory.mjs'
import { QUICK } from './quick-settlement.ts'

export interface CollectorChild {
  readonly url: string
  /** Metrics and health. */
  readonly adminUrl: string
  readonly pid: number
  /** SIGKILL: no goodbye, no flush. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>
  /** Resolves when it has ended by itself, with its exit code or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null>
}

type Settling = Pick<
  CollectorSettings,
  'quietPeriodMs' | 'quietPeriodOwnDialectMs' | 'unitAgeMs' | 'pricePollMs' | 'wal'
>

/** What the process is told. */
export interface CollectorProcessSettings {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  readonly walDirectory: string
  readonly settling: Settling
  readonly wal?: CollectorSettings['wal']
}

export interface Placement {
  readonly database: string
  readonly walDirectory: string
  /** Where the collector believes the database to be. */
  readonly databaseUrl: string
  readonly credentials: { readonly username: string; readonly password: string }
  /** By default it settles as soon as it may. */
  readonly settling?: Settling
  readonly wal?: CollectorSettings['wal']
  /** Flags of Node. */
  readonly execArgv?: readonly string[]
}

const script = `${import.meta.dirname}/collector-process.ts`

/** Resolves when it receives; rejects if it ends before. */
export const startCollectorChild = async (placement: Placement): Promise<CollectorChild> => {
  const { database, walDirectory, databaseUrl, credentials, execArgv = [], settling = QUICK, wal = {} } = placement
  const settings: CollectorProcessSettings = { url: databaseUrl, ...credentials, database, walDirectory, settling, wal }
  const child: ChildProcess = spawn(process.execPath, [...NODE_FLAGS, ...execArgv, script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...ALLOCATOR_ENVIRONMENT },
  })
  if (!child.stdout) throw new Error('BUG: the child has no output')
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('the collector process ended before it listened')
    }),
  ])) as [string]
  const [url = '', adminUrl = ''] = line.split(' ')
  return {
    url,
    adminUrl,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      return code ?? -1
    },
    ended: async () => {
      const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null]
      return code ?? signal
    },
  }
}
