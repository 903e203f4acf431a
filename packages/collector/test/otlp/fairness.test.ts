/** L5: one sender floods. Real clients, each over connections of its own; the flood in a thread of its own. */
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { Agent, request as openRequest } from 'node:http'
import { Worker } from 'node:worker_threads'
import { describe, expect, test, vi } from 'vitest'
import { tokensFile, watchTokens } from '../tokens/token-fixture.ts'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { PROTOBUF } from './answers.ts'
import { sendProtobuf } from './http-client.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf } from './requests.ts'

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const named = (name: string): Buffer => encodeRequest([spanOf({ name })])

describe('a sender that floods without a quota', () => {
  test('costs another one turn, not its whole backlog', async () => {
    const faulty = new FaultyFileSystem()
    const file = tokensFile()
    const [flooding, other] = [await file.add({}), await file.add({ binding: { kind: 'tenant', tenant: 'other' } })]
    await using tokens = await watchTokens(file)
    const turns = { workingMax: 2, waitingMax: 100 }
    await using receiver = await startReceiver({ admit: tokens.admit, turns, log: { fileSystem: faulty.fileSystem } })
    const disk = Promise.withResolvers<undefined>()
    faulty.held = disk.promise
    const waitFor = (bytes: number) => vi.waitUntil(() => receiver.counted.get('in flight') === bytes)
    const bodies = Array.from({ length: 20 }, (_, n) => named(`flood ${n}`))
    const flood = bodies.map((body) => sendProtobuf(receiver.port, body, bearer(flooding)))
    const backlog = bodies.reduce((sum, { length }) => sum + length, 0)
    await waitFor(backlog)
    const sent = sendProtobuf(receiver.port, named('mine'), bearer(other))
    await waitFor(backlog + named('mine').length)
    disk.resolve(undefined)
    expect((await sent).code).toBe(200)
    expect((await Promise.all(flood)).every(({ code }) => code === 200)).toBe(true)
    const names = await loggedSpans(receiver.wal)
    expect(names).toHaveLength(21)
    // Two of the flood were at work when it came, and one more of it may go first.
    expect(names.indexOf('mine')).toBeLessThanOrEqual(3)
  })
})

describe('a sender that floods beyond its quota', () => {
  const ROUNDS = 5
  const REQUESTS = 100

  test('is the only one to see 429, and others are answered about as soon as without it', async () => {
    const file = tokensFile()
    const flooding = await file.add({})
    const other = await file.add({ binding: { kind: 'tenant', tenant: 'other' } })
    appendFileSync(file.file, 'tenant_quotas:\n  - { tenant: acme, quota: { requests_per_second: 20 } }\n')
    await using tokens = await watchTokens(file)
    await using receiver = await startReceiver({ admit: tokens.admit })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let spans = 0
    const codes = new Set<number | undefined>()
    const sendMine = async (): Promise<void> => {
      spans += 1
      const body = named(`mine ${spans}`)
      const headers = { ...bearer(other), 'content-type': PROTOBUF, 'content-length': String(body.length) }
      const outgoing = openRequest({ agent, port: receiver.port, method: 'POST', path: '/v1/traces', headers })
      outgoing.end(body)
      const [response] = await once(outgoing, 'response')
      codes.add(response.statusCode)
      response.resume()
      await once(response, 'end')
    }
    /** Milliseconds of each of so many requests, one after the other. */
    const latencies = async (): Promise<readonly number[]> => {
      const times: number[] = []
      for (let n = 0; n < REQUESTS; n += 1) {
        const from = performance.now()
        await sendMine()
        times.push(performance.now() - from)
      }
      return times
    }
    const flooded = async (): Promise<{
      readonly times: readonly number[]
      readonly answers: Record<string, number>
    }> => {
      const body = named('flood')
      const headers = { ...bearer(flooding), 'content-type': PROTOBUF, 'content-length': String(body.length) }
      const workerData = { port: receiver.port, connections: 32, headers, body }
      const worker = new Worker(new URL('flood-main.ts', import.meta.url), { workerData })
      expect(await once(worker, 'message')).toEqual(['refused'])
      const times = await latencies()
      worker.postMessage('stop', [])
      const [answers] = (await once(worker, 'message')) as [Record<string, number>]
      return { times, answers }
    }
    await latencies()
    const quiet: number[] = []
    const loud: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet.push(...(await latencies()))
      const { times, answers } = await flooded()
      loud.push(...times)
      expect(new Set(Object.keys(answers))).toEqual(new Set(['200', '429']))
      // Far more than its quota was asked for.
      expect(answers['429']).toBeGreaterThan(answers['200'] ?? 0)
    }
    agent.destroy()
    expect(codes).toEqual(new Set([200]))
    const quantileOf = (times: readonly number[], share: number): number =>
      times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0
    const ratioAt = (share: number): number => quantileOf(loud, share) / quantileOf(quiet, share)
    // The tail belongs to whatever else the machine does; it is told where the middle has moved.
    expect(ratioAt(0.5), `p99 ${quantileOf(quiet, 0.99)} → ${quantileOf(loud, 0.99)} ms`).toBeLessThan(3)
  }, 60_000)
})
