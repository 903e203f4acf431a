/** Where the tokens are kept, unless a command is told otherwise. */
import { resolve } from 'node:path'
import type { CommandContext } from '#src/command-context.ts'

export const TOKENS_FILE = 'tokens.yaml'
export const FILE_FLAG = '--file <file>'
export const FILE_HELP = 'the tokens file'

export const fileFor = ({ cwd }: CommandContext, file: string): string => resolve(cwd, file)
