/** A Redis of its own for one test, on a socket in a directory of its own; nothing of it is kept. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tempDir } from '@outlay/testkit'

export interface TestRedis {
  /** Path of the socket. */
  readonly path: string
  close(): Promise<void>
}

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

const READY = /ready to accept connections/i

const whenReady = (server: ChildProcess): Promise<void> =>
  new Promise((ready, failed) => {
    let said = ''
    server.stdout?.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (READY.test(said)) ready()
    })
    server.once('error', failed)
    server.once('exit', () => failed(new Error(`Redis ended:\n${said}`)))
  })

export const startRedis = async (): Promise<TestRedis> => {
  const directory = tempDir('outlay-redis-')
  const path = `${directory.path}/redis.sock`
  const settings = { port: '0', unixsocket: path, save: '', appendonly: 'no', dir: directory.path }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await whenReady(server)
  return {
    path,
    close: async () => {
      server.kill()
      if (server.exitCode === null) await once(server, 'exit')
      directory.remove()
    },
  }
}
