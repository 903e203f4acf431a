/** SIGTERM: balancers look at `/readyz`, and until they have, requests are taken as always; nothing that hangs is waited for. */
import { once } from 'node:events'
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net'
import { connect } from '@outlay/clickhouse'
import { loadPackagedBook } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { startCollector } from '#src/collector.ts'
import { sendProtobuf } from './otlp/http-client.ts'
import { encodeRequest, spanOf } from './otlp/requests.ts'

test('a collector that is told to stop is not ready at once, takes what still comes, and then nothing', async () => {
  using directory = tempDir()
  const client = connect({ url: 'http://127.0.0.1:1', username: 'nobody', password: '', database: 'default' })
  const anyPort = { host: '127.0.0.1', port: 0 }
  const settings = { client, database: 'outlay', walDirectory: `${directory.path}/wal`, book: loadPackagedBook() }
  const collector = await startCollector({ ...settings, http: anyPort, admin: anyPort })
  const port = Number(new URL(collector.url).port)
  const ready = async (): Promise<number> => (await fetch(`${collector.adminUrl}/readyz`)).status
  const healthy = async (): Promise<number> => (await fetch(`${collector.adminUrl}/healthz`)).status
  expect(await ready()).toBe(200)
  const closed = collector.close({ drainDelayMs: 2_000 })
  expect([await ready(), await healthy()]).toEqual([503, 200])
  expect((await sendProtobuf(port, encodeRequest([spanOf()]))).code).toBe(200)
  await closed
  await expect(fetch(collector.url)).rejects.toThrow('fetch failed')
  await client.close()

  const again = await startCollector({ ...settings, client, http: anyPort })
  expect(again.health().details).toMatchObject({ wal_backlog_records: 1 })
  await again.close()
})

/** Takes every connection and never answers. */
const startBlackHole = async (): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a request that never ends and a database that never answers are each left after their time', async () => {
  using directory = tempDir()
  const client = connect({ url: await startBlackHole(), username: 'nobody', password: '', database: 'default' })
  const collector = await startCollector({
    client,
    database: 'outlay',
    walDirectory: `${directory.path}/wal`,
    book: loadPackagedBook(),
    http: { host: '127.0.0.1', port: 0 },
    shutdown: { requestsMs: 400, unitsMs: 300 },
  })
  const port = Number(new URL(collector.url).port)
  expect((await sendProtobuf(port, encodeRequest([spanOf()]))).code).toBe(200)
  const slow = connectSocket(port, '127.0.0.1')
  const head = ['POST /v1/traces HTTP/1.1', 'host: x', 'content-type: application/x-protobuf', 'content-length: 1000']
  slow.write(`${head.join('\r\n')}\r\nexpect: 100-continue\r\n\r\n`)
  // From here on its body is waited for.
  await once(slow, 'data')
  const startedMs = performance.now()
  const gone = once(slow, 'close')
  await collector.close()
  const tookMs = performance.now() - startedMs
  await gone
  // Both were waited for, one after the other; a body may take 30 s, a read of the database 120 s.
  expect(tookMs).toBeGreaterThanOrEqual(700 - 10)
  expect(tookMs).toBeLessThan(10_000)
  await client.close()
})
