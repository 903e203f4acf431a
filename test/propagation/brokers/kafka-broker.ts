import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const HEAP = '-Xmx256m'
const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'

/** Kafka must know its ports before it starts: its controller is told to others by address. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** One node that is broker and controller, and waits for nobody before a group of consumers starts. */
const settings = (folder: string, [broker, controller]: readonly number[]): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'log'),
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

/** A Kafka broker of its own; only inside a test, at whose end it is gone. Resolves with its address, where it will soon listen. */
export const startKafkaBroker = async (jars: string): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'outlay-kafka-'))
  const ports = await freePorts(2)
  const properties = join(folder, 'server.properties')
  writeFileSync(properties, settings(folder, ports))
  const classes = ['-cp', join(jars, '*')]
  const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', CLUSTER, '--config', properties]
  await promisify(execFile)('java', [...classes, ...format])
  const child = spawn('java', [HEAP, ...classes, 'kafka.Kafka', properties], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true })
  })
  return `127.0.0.1:${ports[0]}`
}
