import { OutlayError } from '@outlay/core'
import { CommanderError } from 'commander'
import { EXIT } from './command-context.ts'

/** Something needed is not there: another process, a port, a database. */
const UNREACHABLE_CODES = new Set([
  'E_UNREACHABLE',
  'E_PORT_IN_USE',
  'E_DATA_DIR_IN_USE',
  'E_WAL_LOCKED',
  'E_ENGINE_START',
  'E_CALLS_WAIT',
  'E_NO_LOG',
  'E_COLLECTOR_BUSY',
  'E_UPKEEP_LOST',
  'E_COLLECTOR_FAILED',
])

/** Says on stderr what went wrong and what to do; returns the exit code. */
export const reportFailure = (error: unknown, stderr: NodeJS.WritableStream): number => {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof OutlayError) {
    stderr.write(`${error.code}: ${error.message}\n`)
    return UNREACHABLE_CODES.has(error.code) ? EXIT.unreachable : EXIT.usage
  }
  stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return EXIT.finding
}
