/** A sender that floods: as many requests as its connections carry, until it is told to stop; then it says what it was answered. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

interface Flood {
  readonly port: number
  readonly connections: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const { port, connections, headers, body } = workerData as Flood
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const answers: Record<string, number> = {}
const state = { stopped: false }

const sendOnce = async (): Promise<void> => {
  const outgoing = request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/traces', headers, agent })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  response.resume()
  await once(response, 'end')
  const code = String(response.statusCode)
  answers[code] = (answers[code] ?? 0) + 1
  if (code === '429' && answers[code] === 1) parentPort?.postMessage('refused', [])
}

parentPort?.on('message', () => {
  state.stopped = true
})
const floods = Array.from({ length: connections }, async () => {
  while (!state.stopped) await sendOnce()
})
await Promise.all(floods)
agent.destroy()
parentPort?.postMessage(answers, [])
parentPort?.close()
