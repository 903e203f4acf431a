/** The `outlay` command inside this process: the same program as `runOutlay` starts, without a start of Node per question. */
import { Readable, Writable } from 'node:stream'
import { createProgram, reportFailure } from '../../packages/cli/src/index.ts'
import type { Outcome } from './run-outlay.ts'

const collectText = (): { readonly stream: Writable; readonly text: () => string } => {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') }
}

export const runProgram = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: Uint8Array = new Uint8Array(),
  cwd = `${import.meta.dirname}/../..`,
): Promise<Outcome> => {
  const [stdout, stderr] = [collectText(), collectText()]
  const context = {
    environment,
    stdin: Readable.from([input]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    stop: new AbortController().signal,
    cwd,
  }
  let code = 0
  try {
    await createProgram(context, (exitCode) => {
      code = exitCode
    }).parseAsync(['node', 'outlay', ...args])
  } catch (error) {
    code = reportFailure(error, stderr.stream)
  }
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
