/** The `outlay` command as a person runs it: a process of its own. */
import { execFile } from 'node:child_process'
import type { TestLedger } from './test-ledger.ts'

const root = `${import.meta.dirname}/../..`

export interface CommandOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

type Environment = Readonly<Record<string, string>>

export const outlay = (args: readonly string[], environment: Environment = {}): Promise<CommandOutcome> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`${root}/packages/cli/src/main.ts`, ...args],
      { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...environment }, maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })

/** The environment in which the command may change a test ledger. */
export const writerEnvironment = ({ engine }: TestLedger): Environment => ({
  CLICKHOUSE_URL: engine.url,
  CLICKHOUSE_USER: engine.credentials.migrator.username,
  CLICKHOUSE_PASSWORD: engine.credentials.migrator.password,
})
