/** What is printed on: colours on a terminal that wants them, and as many characters as a line has. */
import type { CommandContext } from '#src/command-context.ts'
import type { Terminal } from './render-view.ts'

/** Where nothing says how wide a line is: a pipe, a file. */
const DEFAULT_WIDTH = 120

export const terminalOf = ({ stdout, environment }: CommandContext): Terminal => {
  const columns = Number(environment['COLUMNS'])
  return {
    color: stdout.isTTY === true && environment['NO_COLOR'] === undefined,
    width: stdout.columns ?? (Number.isInteger(columns) && columns > 0 ? columns : DEFAULT_WIDTH),
  }
}
