import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./writer-main.ts', import.meta.url))

/** A process that appends records as fast as it can and reports each ack as `lsn text`. */
export interface WriterProcess {
  readonly pid: number
  /** Everything it was acked so far, complete once it was killed. */
  readonly acked: ReadonlyMap<bigint, string>
  /** Resolves when so many acks have arrived; rejects if the process ends before. */
  acks(count: number): Promise<void>
  /** SIGKILL; resolves when the process is gone and all its output was read. */
  kill(): Promise<void>
}

const endOf = async (child: ChildProcess): Promise<void> => {
  await once(child, 'close')
}

export const startWriter = (directory: string, label = 'w'): WriterProcess => {
  const child = spawn(process.execPath, [PROGRAM, directory, label], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acked = new Map<bigint, string>()
  const waiting: { count: number; resolve: () => void; reject: (error: Error) => void }[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const [lsn, text] = line.split(' ')
    // The last line may be cut by the kill: an ack counts once it was read whole, as for a client.
    if (lsn === undefined || text?.endsWith(';') !== true) return
    acked.set(BigInt(lsn), text)
    for (const entry of waiting) if (acked.size >= entry.count) entry.resolve()
  })
  const ended = endOf(child)
  const failWaiting = async (): Promise<void> => {
    await ended
    for (const { reject } of waiting) reject(new Error('the writer ended before it was acked often enough'))
  }
  void failWaiting()
  return {
    pid: child.pid ?? 0,
    acked,
    acks: (count) =>
      acked.size >= count
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            waiting.push({ count, resolve, reject })
          }),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
