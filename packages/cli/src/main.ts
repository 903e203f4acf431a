#!/usr/bin/env node
/** The `outlay` command: the only place that touches the process. */
import { createProgram } from './program.ts'
import { reportFailure } from './report-failure.ts'

const stop = new AbortController()
let signals = 0
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1
    // A second signal ends the process at once: whatever was acked is in the log.
    if (signals > 1) process.exit(130)
    stop.abort(signal)
  })
}

// A reader that has enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const context = {
  environment: process.env,
  // Opened only by a command that reads it: an open pipe would keep the process alive.
  get stdin() {
    return process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
  stop: stop.signal,
  cwd: process.cwd(),
  onHangup: (listener: () => void) => void process.on('SIGHUP', listener),
}

try {
  process.exitCode = 0
  await createProgram(context, (code) => {
    process.exitCode = code
  }).parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error, process.stderr)
}
