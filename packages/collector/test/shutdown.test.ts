/** SIGTERM behind a balancer: it looks at `/readyz`, and until it has, requests are taken as always. */
import { connect } from '@outlay/clickhouse'
import { loadPackagedBook } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { expect, test } from 'vitest'
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
