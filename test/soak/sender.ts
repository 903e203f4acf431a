/**
 * A sender of a soak, in a process of its own. What it sends and what it is told goes to a file line by line, which is
 * what the books are checked against: first what is about to be sent, then whether it was acked.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { transcodeJsonRequest } from '../../packages/collector/src/otlp/index.ts'
import { decodeMessage, type Plain } from '../../packages/collector/test/otlp/otlp-schema.ts'
import { Random, seedOf } from '../../packages/collector/test/fuzz/random.ts'
import { makeRequest } from './made-request.ts'
import type { SenderLine, SenderMessage, SenderSettings } from './sender-messages.ts'

const { seed, sender, file, pauseMsMax } = JSON.parse(process.argv[2] ?? '{}') as SenderSettings
const LANES = 4
/** As exporters: then they give up. */
const ANSWER_MS_MAX = 10_000
const ATTEMPTS_MAX = 3
const ONE_IN_REPEATED = 10

/** Where to send, as the parent says. */
const orders = { url: '', stopped: false }
let next = 1

const write = (line: SenderLine): void => appendFileSync(file, `${JSON.stringify(line)}\n`)

const wireOf = (body: object, asJson: boolean): { wire: Buffer; headers: Record<string, string> } => {
  const json = JSON.stringify(body)
  if (asJson) return { wire: Buffer.from(json), headers: { 'content-type': 'application/json' } }
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }
  return { wire: gzipSync(transcodeJsonRequest(json)), headers }
}

/** How many spans the answer says were refused; undefined if it is no OK. */
const post = async ({ wire, headers }: ReturnType<typeof wireOf>): Promise<number | undefined> => {
  try {
    const response = await fetch(`${orders.url}/v1/traces`, {
      method: 'POST',
      headers,
      body: new Uint8Array(wire),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const answer = Buffer.from(await response.arrayBuffer())
    if (response.status === 500) write({ wrong: 'answered 500' })
    if (!response.ok) {
      write({ refused: String(response.status) })
      return undefined
    }
    const isJson = headers['content-type'] === 'application/json'
    const said = isJson ? (JSON.parse(answer.toString()) as Plain) : decodeMessage('ExportTraceServiceResponse', answer)
    return Number((said['partialSuccess'] as Plain | undefined)?.['rejectedSpans'] ?? 0)
  } catch {
    write({ refused: 'network' })
    return undefined
  }
}

const sendOne = async (): Promise<void> => {
  const first = next
  const random = new Random(seedOf(seed + sender, first))
  const { body, calls, refused } = makeRequest(random, sender, first)
  next += calls.length
  write({ request: first, calls })
  const wire = wireOf(body, random.chance(2))
  const repeats = random.chance(ONE_IN_REPEATED)
  let told: number | undefined
  for (let attempt = 1; attempt <= ATTEMPTS_MAX && told === undefined; attempt += 1) {
    told = await post(wire)
    if (told === undefined) await delay(random.below(200))
  }
  if (told === undefined) return
  write({ acked: first })
  if (told !== refused) write({ wrong: `request ${first}: ${told} spans refused instead of ${refused}` })
  // The same bytes once more: answered alike, stored once.
  const again = repeats ? await post(wire) : undefined
  if (again !== undefined && again !== refused) write({ wrong: `request ${first}: a copy was answered otherwise` })
}

const lane = async (): Promise<void> => {
  while (!orders.stopped) {
    if (orders.url !== '') await sendOne()
    await delay(Math.random() * pauseMsMax)
  }
}

process.on('message', (message: SenderMessage) => {
  if (message.type === 'url') orders.url = message.url
  else orders.stopped = true
})
await Promise.all(Array.from({ length: LANES }, lane))
process.disconnect()
