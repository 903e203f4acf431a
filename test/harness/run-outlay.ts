/** The `outlay` command as a process of its own, as a person runs it. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { TestLedger } from './test-ledger.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const root = join(import.meta.dirname, '../..')
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/** Compiled code is shared between processes, as between those of a person. */
const COMPILE_CACHE = process.env['NODE_COMPILE_CACHE']
const INHERITED = {
  PATH: process.env['PATH'] ?? '',
  ...(COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: COMPILE_CACHE }),
}

/** Runs the command with nothing of this process in its environment but the given variables. */
export const runOutlay = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = root,
): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, 'packages/cli/src/main.ts'), ...args],
      { cwd, env: { ...INHERITED, ...env }, maxBuffer: OUTPUT_BYTES_MAX },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })

/** Access of somebody who may only read the ledger. */
export const readerOf = ({ engine }: TestLedger): Readonly<Record<string, string>> => ({
  CLICKHOUSE_URL: engine.url,
  CLICKHOUSE_USER: 'reader',
})

/** No engine ever listens there. */
export const NO_LEDGER = { CLICKHOUSE_URL: 'http://127.0.0.1:1' } as const

/** Access of somebody who may change a test ledger. */
export const writerOf = ({ engine }: TestLedger): Readonly<Record<string, string>> => ({
  CLICKHOUSE_URL: engine.url,
  CLICKHOUSE_USER: engine.credentials.migrator.username,
  CLICKHOUSE_PASSWORD: engine.credentials.migrator.password,
})
