import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { TestLedger } from './test-ledger.ts'

export interface KillableCollector {
  readonly url: string
  /** SIGKILL: no goodbye, no flush. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>
}

interface Placement {
  readonly database: string
  readonly walDirectory: string
  /** Where the collector believes the database to be. */
  readonly databaseUrl: string
}

const script = `${import.meta.dirname}/collector-process.ts`

/** Only inside a test, at whose end it is gone. */
export const startKillableCollector = async (
  { engine }: TestLedger,
  { database, walDirectory, databaseUrl }: Placement,
): Promise<KillableCollector> => {
  const settings = JSON.stringify({ url: databaseUrl, ...engine.credentials.migrator, database, walDirectory })
  const child: ChildProcess = spawn(process.execPath, [script, settings], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('BUG: the child has no output')
  const exited = once(child, 'exit')
  // A test that fails before it stops the collector must not leave it behind: the runner would wait for it.
  onTestFinished(() => void child.kill('SIGKILL'))
  const [url] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('the collector process ended before it listened')
    }),
  ])) as [string]
  return {
    url,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      return code ?? -1
    },
  }
}
