import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { OutlayError } from '@outlay/core'
import type { CommandContext } from './command-context.ts'

/** The text of a file that a command was given. Fails with `E_FILE`. */
export const readTextFile = async ({ cwd }: CommandContext, path: string): Promise<string> => {
  try {
    return await readFile(resolve(cwd, path), 'utf8')
  } catch (cause) {
    throw new OutlayError('E_FILE', 'the file cannot be read', {
      where: path,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    })
  }
}
