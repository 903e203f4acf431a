/** The sending side, in a process of its own, so that what it costs is not counted. Started by `main.ts`. */
import { setTimeout as delay } from 'node:timers/promises'
import { answerQuestions } from './child.ts'
import type { Prepared, SenderQuestion, Sent } from './messages.ts'
import { type CallSums, compress, saltBody, type Template, templatesOf } from './requests.ts'
import { createGrpcTransport, createHttpTransport, type Transport } from './transports.ts'
import type { Sending } from './work.ts'

interface Ready {
  readonly sending: Sending
  readonly transport: Transport
  readonly wires: readonly Buffer[]
}

const templates = new Map<string, readonly Template[]>()
const transports = new Map<string, Transport>()
let ready: Ready | undefined

const templatesFor = (sending: Sending): readonly Template[] => {
  const known = templates.get(sending.name) ?? templatesOf(sending)
  templates.set(sending.name, known)
  return known
}

const transportFor = (url: string, { transport }: Sending): Transport => {
  const known = transports.get(url) ?? (transport === 'grpc' ? createGrpcTransport : createHttpTransport)(url)
  transports.set(url, known)
  return known
}

const addSums = (sums: readonly CallSums[]): CallSums => {
  const meters: Record<string, number> = {}
  for (const each of sums) {
    for (const [meter, quantity] of Object.entries(each.meters)) meters[meter] = (meters[meter] ?? 0) + quantity
  }
  return { calls: sums.reduce((total, { calls }) => total + calls, 0), meters }
}

const prepare = ({ url, sending, requests, salt }: Extract<SenderQuestion, { ask: 'prepare' }>): Prepared => {
  const made = templatesFor(sending)
  const used = Array.from({ length: requests }, (_, index) => made[index % made.length] as Template)
  const bodies = used.map(({ body }, index) => saltBody(body, sending, salt + index))
  const wires = bodies.map((body) => compress(body, sending))
  ready = { sending, transport: transportFor(url, sending), wires }
  return {
    spans: requests * sending.spansPerRequest,
    bytes: bodies.reduce((sum, { length }) => sum + length, 0),
    wireBytes: wires.reduce((sum, { length }) => sum + length, 0),
    sums: addSums(used.map(({ sums }) => sums)),
  }
}

const prepared = (): Ready => {
  if (ready === undefined) throw new Error('BUG: nothing was prepared')
  return ready
}

const sendAll = async (inFlight: number): Promise<Sent> => {
  const { sending, transport, wires } = prepared()
  const latenciesMs: number[] = []
  let next = 0
  const startedMs = performance.now()
  const lane = async (): Promise<void> => {
    for (let wire = wires[next++]; wire !== undefined; wire = wires[next++]) {
      const sentMs = performance.now()
      await transport.post(wire, sending)
      latenciesMs.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { wallMs: performance.now() - startedMs, latenciesMs }
}

const MS_PER_SECOND = 1_000

const sendPaced = async (requestsPerSecond: number): Promise<Sent> => {
  const { sending, transport, wires } = prepared()
  const latenciesMs: number[] = []
  const startedMs = performance.now()
  const underWay = wires.map(async (wire, index) => {
    const dueMs = startedMs + (index * MS_PER_SECOND) / requestsPerSecond
    await delay(Math.max(0, dueMs - performance.now()))
    await transport.post(wire, sending)
    latenciesMs.push(performance.now() - dueMs)
  })
  await Promise.all(underWay)
  return { wallMs: performance.now() - startedMs, latenciesMs }
}

answerQuestions((question: SenderQuestion) => {
  switch (question.ask) {
    case 'prepare':
      return Promise.resolve(prepare(question))
    case 'send':
      return sendAll(question.inFlight)
    case 'pace':
      return sendPaced(question.requestsPerSecond)
  }
})
