/** Runs the Go program of `sql-client/`, with the options that the provisioned data source has. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'yaml'
import type { TestLedger } from '../harness/test-ledger.ts'

const PROVISIONING = join(import.meta.dirname, '../../deploy/grafana/provisioning/datasources/outlay.yaml')
const PROGRAM_MS_MAX = 60_000

interface Provisioned {
  readonly datasources: readonly [{ readonly jsonData: Readonly<Record<string, unknown>> }]
}

/** A value as ClickHouse writes it in JSON with 64-bit numbers and decimals in quotes. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

export interface SqlColumn {
  readonly name: string
  readonly type: string
}

export interface SqlStatement {
  readonly sql: string
  readonly parameters?: Readonly<Record<string, string>>
  /** `digest`: all rows are read, and their SHA-256 reported. */
  readonly way: 'query' | 'digest' | 'exec' | 'batch'
}

export interface SqlAnswer {
  readonly columns?: readonly SqlColumn[]
  readonly rows?: readonly (readonly Plain[])[]
  readonly rowCount: number
  readonly digest?: string
  readonly error?: string
  readonly cancelled: boolean
}

export interface DriverReport {
  readonly displayName: string
  readonly version: string
  readonly revision: number
  readonly timezone: string
  readonly pingError?: string
  readonly idleConnections: number
  readonly answers: readonly SqlAnswer[]
}

export interface SourceReport {
  readonly health: string
  readonly healthMessage: string
  readonly frames: readonly {
    readonly name: string
    readonly fields: readonly SqlColumn[]
    readonly rows: readonly (readonly Plain[])[]
    readonly error?: string
  }[]
}

/** What the data source would be set to on this engine. */
export const connectionTo = ({ engine }: TestLedger, database: string): Readonly<Record<string, unknown>> => {
  const { hostname, port } = new URL(engine.url)
  const { datasources } = parse(readFileSync(PROVISIONING, 'utf8')) as Provisioned
  return { ...datasources[0].jsonData, host: hostname, port: Number(port), defaultDatabase: database, password: '' }
}

/** `cancelAfter`: all that the program still runs is cancelled once this resolves. */
export const runSqlClient = async <Report>(
  program: string,
  task: Readonly<Record<string, unknown>>,
  cancelAfter?: Promise<void>,
): Promise<Report> => {
  const child = spawn(program, { stdio: 'pipe', timeout: PROGRAM_MS_MAX, env: {} })
  const ended = once(child, 'close')
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  child.stdin.write(`${JSON.stringify({ ...task, stopsWithInput: cancelAfter !== undefined })}\n`)
  try {
    await cancelAfter
  } finally {
    child.stdin.end()
  }
  const [exitCode] = (await ended) as [number | null]
  const [stdout, stderr] = await output
  if (exitCode !== 0) throw new Error(`sql-client ended with ${exitCode}: ${stderr}`)
  return JSON.parse(stdout) as Report
}
