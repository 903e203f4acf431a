/** The collector of a log: whether its ports answer, and what it says of itself. */
import { connect as connectSocket } from 'node:net'
import { type Line, ok, problem, warning } from './diagnosis.ts'

interface Address {
  readonly host: string
  readonly port: number
}

/** Where it listens, as configured. */
export interface CollectorAddresses {
  readonly http: Address
  readonly grpc: Address
  readonly admin: Address
}

const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

/** An address to listen on is no address to ask. */
const reachable = ({ host, port }: Address): Address => ({ host: EVERY_ADDRESS.has(host) ? '127.0.0.1' : host, port })

const ANSWER_MS_MAX = 2_000

const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectSocket({ host, port, timeout: ANSWER_MS_MAX })
    const end = (listens: boolean) => (): void => {
      socket.destroy()
      resolve(listens)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })

/** `isRunning`: a process owns the log. */
export const checkCollector = async (addresses: CollectorAddresses, isRunning: boolean): Promise<readonly Line[]> => {
  if (!isRunning) {
    return [
      warning(
        'collector',
        'process',
        'no process owns the log: nothing is received',
        'start it with `outlay up`, or name its data directory with --data-dir',
      ),
    ]
  }
  const listening = await Promise.all(
    (
      [
        ['OTLP/HTTP', reachable(addresses.http), '--otlp-port'],
        ['OTLP/gRPC', reachable(addresses.grpc), '--otlp-grpc-port'],
      ] as const
    ).map(async ([what, { host, port }, flag]) =>
      (await isListening(host, port))
        ? ok('collector', what, `listens on ${host}:${port}`)
        : warning(
            'collector',
            what,
            `nothing listens on ${host}:${port}`,
            `if it was started with another port or file, say so with ${flag} or --config`,
          ),
    ),
  )
  const admin = reachable(addresses.admin)
  return [...listening, ...(await checkAdmin(`http://${admin.host}:${admin.port}`))]
}

const ask = async (url: string): Promise<Response | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch(() => undefined)

const checkAdmin = async (url: string): Promise<readonly Line[]> => {
  const health = await ask(`${url}/healthz`)
  if (health === undefined) {
    return [
      warning(
        'collector',
        'admin',
        `nothing answers at ${url}`,
        'if it was started with another port, say so with --admin-port',
      ),
    ]
  }
  await health.text()
  if (!health.ok) {
    return [
      problem(
        'collector',
        'health',
        'it says that it is not healthy',
        'read what it printed last, and start it again: everything acked is in its log',
      ),
    ]
  }
  const ready = await ask(`${url}/readyz`)
  await ready?.text()
  return [
    ok('collector', 'health', `healthy at ${url}`),
    ready?.ok === true
      ? ok('collector', 'ready', 'takes new requests')
      : problem(
          'collector',
          'ready',
          'takes no new requests',
          'it is stopping, or its log is full or has failed: see the lines of the log',
        ),
    ...(await heldLines(url)),
  ]
}

const HELD = /^outlay_writer_held\{table="(\w+)"\} 1$/gm

/** Tables that wait for somebody. */
const heldLines = async (url: string): Promise<readonly Line[]> => {
  const text = (await (await ask(`${url}/metrics`))?.text()) ?? ''
  const held = [...text.matchAll(HELD)].map(([, table]) => table)
  if (held.length === 0) return [ok('collector', 'writer', 'no table is held')]
  return [
    problem(
      'collector',
      'writer',
      `inserts are held: ${held.join(', ')}`,
      'the database refuses them: its code is in what the collector printed; the log keeps everything and tries again',
    ),
  ]
}
