import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { OutlayError } from '@outlay/core'
import type { CommandContext } from './command-context.ts'

const unreadable = (path: string, cause: unknown): OutlayError =>
  new OutlayError('E_FILE', 'the file cannot be read', {
    where: path,
    got: cause instanceof Error ? cause.message : String(cause),
    cause,
  })

/** The text of a file that a command was given. Fails with `E_FILE`. */
export const readTextFile = async ({ cwd }: CommandContext, path: string): Promise<string> => {
  try {
    return await readFile(resolve(cwd, path), 'utf8')
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** The bytes of a file that a command was given; `-` is the standard input. Fails with `E_FILE`. */
export const readBytes = async ({ cwd, stdin }: CommandContext, path: string): Promise<Buffer> => {
  try {
    return path === '-' ? await buffer(stdin) : await readFile(resolve(cwd, path))
  } catch (cause) {
    throw unreadable(path, cause)
  }
}
