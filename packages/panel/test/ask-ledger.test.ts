import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { askView } from '../src/server/ask-ledger.ts'

/** Answers like a ledger that turns readers away some times before it lets one in. */
const startBusyLedger = async (timesBusy: number) => {
  let asked = 0
  const server = createServer((request, response) => {
    request.resume()
    asked += 1
    if (asked <= timesBusy) {
      response.writeHead(503, { 'x-clickhouse-exception-code': '202' })
      response.end('Code: 202. DB::Exception: too many (TOO_MANY_SIMULTANEOUS_QUERIES) (version 26.7.2.1)')
      return
    }
    response.end('{"cost_usd":"1"}\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = connect({ url, username: 'reader', password: '', database: 'outlay' })
  const ask = () => askView(client, 'outlay', 'kpi_headline', { from_time: 0, to_time: 1 })
  const close = async (): Promise<void> => {
    await client.close()
    server.close()
  }
  return { ask, asked: () => asked, close }
}

describe('a ledger that is busy with others', () => {
  test('is asked again, and answers', async () => {
    const ledger = await startBusyLedger(1)
    expect(await ledger.ask()).toEqual([{ cost_usd: '1' }])
    expect(ledger.asked()).toBe(2)
    await ledger.close()
  })

  test('is left alone at the limit, and the refusal says why', async () => {
    const ledger = await startBusyLedger(limits.panelBusyAttemptsMax)
    await expect(ledger.ask()).rejects.toMatchObject({
      code: 'E_QUERY',
      details: { got: 'TOO_MANY_SIMULTANEOUS_QUERIES' },
    })
    expect(ledger.asked()).toBe(limits.panelBusyAttemptsMax)
    await ledger.close()
  })
})
