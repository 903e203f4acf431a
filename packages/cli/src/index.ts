export type { CommandContext } from './command-context.ts'
export { createProgram } from './program.ts'
export { reportFailure } from './report-failure.ts'
