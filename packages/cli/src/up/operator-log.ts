/** What `outlay up` says while it runs: one line each, for people or, as JSON, for whoever collects logs. */
import type { CollectorEvent, ConfigValues } from '@outlay/collector'
import type { Clock } from '@outlay/core'

export type LogLevel = ConfigValues['logLevel']
export interface OperatorLog {
  (line: string, level?: LogLevel): void
  /** From now on less urgent lines are left out. */
  setLevel(least: LogLevel): void
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

interface LogSettings {
  readonly level: LogLevel
  readonly encoding: ConfigValues['logEncoding']
  readonly clock: Clock
  readonly write: (text: string) => void
}

export const createOperatorLog = ({ level, encoding, clock, write }: LogSettings): OperatorLog => {
  let least = level
  const log = (line: string, urgency: LogLevel = 'info'): void => {
    if (RANK[urgency] < RANK[least]) return
    // Whatever a message quotes cannot begin another line, or move the cursor of a terminal.
    const message = line.replaceAll(/\p{Cc}+/gu, ' ')
    const time = new Date(clock.now()).toISOString()
    write(encoding === 'json' ? `${JSON.stringify({ time, level: urgency, message })}\n` : `${message}\n`)
  }
  const setLevel = (next: LogLevel): void => {
    least = next
  }
  return Object.assign(log, { setLevel })
}

const ERRORS: ReadonlySet<CollectorEvent['type']> = new Set([
  'failed',
  'request_failed',
  'mirror_failed',
  'windows_missing',
  'row_quarantined',
  'record_quarantined',
  'disk_full',
])
const ROUTINE: ReadonlySet<CollectorEvent['type']> = new Set([
  'prices_loaded',
  'recovered',
  'rules_followed',
  'tokens_reloaded',
  'tls_reloaded',
])

/** How urgent an event is: `error` wants a person, `warn` passes or holds something up meanwhile. */
export const levelOf = ({ type }: CollectorEvent): LogLevel =>
  ERRORS.has(type) ? 'error' : ROUTINE.has(type) ? 'info' : 'warn'
