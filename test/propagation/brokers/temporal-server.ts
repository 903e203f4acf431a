import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface TemporalServer {
  readonly address: string
  readonly namespace: string
}

/** A Temporal server of its own; only inside a test, at whose end it is gone. */
export const startTemporalServer = async (program: string): Promise<TemporalServer> => {
  const child = spawn(program, { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('the Temporal server ended before it listened')
    }),
  ])) as [string]
  const [address = '', namespace = ''] = line.split(' ')
  return { address, namespace }
}
