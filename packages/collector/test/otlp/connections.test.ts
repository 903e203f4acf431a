import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { PROTOBUF } from './answers.ts'
import { sendRaw } from './http-client.ts'
import { startReceiver } from './receiver-fixture.ts'

describe('P14: connections', () => {
  test('are kept after a refusal whose body was read, and after small ones that were not', async () => {
    await using receiver = await startReceiver()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (const path of ['/v1/traces', '/v1/logs', '/v1/traces']) {
      const headers = { 'content-type': PROTOBUF }
      const outgoing = request({ agent, port: receiver.port, method: 'POST', path, headers })
      outgoing.end('broken')
      const [response] = await once(outgoing, 'response')
      ports.add(response.socket.localPort)
      for await (const _ of response);
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })

  test('end after 10,000 requests, and with the first request after 10 minutes, so that clients spread', async () => {
    let now = 0
    await using receiver = await startReceiver({ clock: { now: () => now } })
    const one = 'GET /other HTTP/1.1\r\nhost: x\r\n\r\n'
    const answers = (await sendRaw(receiver.port, one.repeat(10_001))).split('HTTP/1.1 404')
    expect(answers).toHaveLength(10_001)
    expect(answers.map((answer) => answer.includes('connection: close')).indexOf(true)).toBe(10_000)

    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const said: (string | undefined)[] = []
    for (const minutes of [0, 10, 11]) {
      now = minutes * 60_000
      const outgoing = request({ agent, port: receiver.port, path: '/other' })
      outgoing.end()
      const [response] = await once(outgoing, 'response')
      said.push(response.headers.connection)
      for await (const _ of response);
    }
    agent.destroy()
    expect(said).toEqual(['keep-alive', 'keep-alive', 'close'])
  })

  test('get 100 Continue only for what is admitted', async () => {
    await using receiver = await startReceiver({ bodyBytesMax: 1_000 })
    const head = (length: number) =>
      `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`
    expect(await sendRaw(receiver.port, head(1_001))).toMatch(/^HTTP\/1\.1 413 /)
    expect(await sendRaw(receiver.port, head(0))).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })

  test('that speak no HTTP are answered 400 and closed', async () => {
    await using receiver = await startReceiver()
    const answer = await sendRaw(receiver.port, 'nonsense\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('{"code":3')
  })
})
