import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@outlay/clickhouse'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPanel, type Panel } from '../src/index.ts'
import type { Refusal } from '../src/shared/answers.ts'

/** What the product's specification says, character by character. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

// Nothing ever listens there: what must not reach the ledger is refused before, what does is 503.
const client = connect({ url: 'http://127.0.0.1:1', username: 'reader', password: '', database: 'default' })
const empty = tempDir()
const mistakes: unknown[] = []

const listen = async (panel: Panel) => {
  const server = createServer(panel)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

let server: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  const panel = createPanel({
    client,
    databases: ['outlay', 'outlay_demo'],
    loopbackOnly: true,
    onInternalError: (error) => mistakes.push(error),
    clock: { now: () => Date.UTC(2026, 10, 22, 9, 30, 59) },
  })
  server = await listen(panel)
})
afterAll(async () => {
  server.server.close()
  await client.close()
  empty.remove()
})

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${server.url}${path}`, init)
const refusalOf = async (path: string) => {
  const response = await get(path)
  const { error } = (await response.json()) as { error: Refusal['error'] }
  const { code, got, want, message } = error
  return { status: response.status, code, got, want, message }
}

describe('a question that cannot be asked', () => {
  test.each([
    ['overview?database=secrets', 400, 'E_DATABASE', 'outlay, outlay_demo'],
    ['overview?from=yesterday', 400, 'E_TIME', '2026-12-01'],
    ['overview?from=1', 400, 'E_TIME', '2026-12-01'],
    ['overview?from=2026-11-02&to=2026-11-01', 400, 'E_TIME', 'from before to'],
    ['overview?from=2026-11-01&days=7', 400, 'E_TIME', ''],
    ['overview?days=0', 400, 'E_TIME', 'a whole number from 1 to 400'],
    ['overview?days=401', 400, 'E_TIME', 'a whole number from 1 to 400'],
    ['overview?to=2200-01-01', 400, 'E_TIME', '2026-12-01'],
    ['overview?book=current&as_of=2026-11-01', 400, 'E_BOOK', ''],
    ['overview?book=current&book=r1', 400, 'E_PARAMETER', 'one value'],
    ['overview?tenants=acme', 400, 'E_PARAMETER', 'database, from, to, days, as_of, book'],
    ['kpi/task_cost?by=user', 400, 'E_BY', 'workload, feature, task_type, tenant'],
    ['kpi/task_cost?tiers=pro', 400, 'E_PARAMETER', 'tenants'],
    ['kpi/user_cost?by=tenant', 400, 'E_PARAMETER', 'tenants'],
    ['kpi/provider_usage', 404, 'E_NOT_FOUND', '/api/panel/kpi/task_cost'],
    ['kpi/task_cost;drop', 404, 'E_NOT_FOUND', '/api/panel/overview'],
    ['nothing', 404, 'E_NOT_FOUND', '/api/panel/overview'],
  ])('%s is refused with %s %s and what would be right', async (question, status, code, want) => {
    const refusal = await refusalOf(`/api/panel/${question}`)
    expect(refusal).toMatchObject({ status, code })
    expect(refusal.message).not.toBe('')
    expect(refusal.want ?? '').toContain(want)
  })

  test.each(['overview', 'before', 'kpi/task_cost?by=all', 'overview?book=r1'])(
    'because the ledger does not answer, %s is 503 and says what to do',
    async (question) => {
      const refusal = await refusalOf(`/api/panel/${question}`)
      expect(refusal).toMatchObject({ status: 503, code: 'E_UNREACHABLE', got: 'ECONNREFUSED' })
      expect(refusal.message).toContain('is the database running?')
    },
  )
})

describe('every answer', () => {
  test.each(['/', '/kpi/task_cost', '/kpi/nothing', '/nothing', '/api/panel/overview', '/api/nothing', '//', '/%zz'])(
    '%s forbids whatever is not our own file',
    async (path) => {
      const response = await get(path)
      await response.text()
      expect(response.headers.get('content-security-policy')).toBe(POLICY)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  test('holds no inline script and no style element', async () => {
    for (const path of ['/', '/kpi/task_cost', '/nothing']) {
      const html = await (await get(path)).text()
      expect(html).not.toMatch(/<style|<script(?![^>]* src=)|javascript:|\son[a-z]+=/i)
    }
  })

  test('to anything but a question is 405', async () => {
    const response = await get('/api/panel/overview', { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(response.headers.get('content-security-policy')).toBe(POLICY)
  })

  test('on loopback is refused to a site that points its own name here', async () => {
    const statusFor = async (host: string): Promise<number | undefined> => {
      const sent = request(`${server.url}/api/panel/overview`, { headers: { host } }).end()
      const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }]
      response.resume()
      return response.statusCode
    }
    expect(await statusFor('attacker.example')).toBe(403)
    expect(await statusFor('127.0.0.1.attacker.example')).toBe(403)
    expect(await statusFor('localhost:4319')).toBe(503)
  })
})

describe('the files of a page', () => {
  test('are hashed, kept for ever, and found from the page', async () => {
    const html = await (await get('/kpi/task_cost')).text()
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThanOrEqual(4)
    for (const file of files) {
      expect(file).toMatch(/-[\w-]{8}\.(js|css|svg)$/)
      const response = await get(file)
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ])
      expect(response.headers.get('content-security-policy')).toBe(POLICY)
      await response.arrayBuffer()
    }
    expect(html).not.toContain('draw-series')
  })

  test('outside of the build are not served', async () => {
    for (const path of ['/assets/../package.json', '/assets/%2e%2e/manifest.json', '/manifest.json', '/assets/x.js']) {
      expect((await get(path)).status).toBe(404)
    }
  })

  test('that are not built are named as the reason, and the rest works', async () => {
    const unbuilt = await listen(
      createPanel({ client, databases: ['outlay'], loopbackOnly: true, distDirectory: empty.path }),
    )
    const page = await fetch(`${unbuilt.url}/`)
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('npm start')
    expect((await fetch(`${unbuilt.url}/api/panel/nothing`)).status).toBe(404)
    unbuilt.server.close()
  })
})

test('nothing of this was a mistake of ours', () => {
  expect(mistakes).toEqual([])
})
