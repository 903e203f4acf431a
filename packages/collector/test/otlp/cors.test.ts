import { describe, expect, test } from 'vitest'
import { PROTOBUF } from './answers.ts'
import { send } from './http-client.ts'
import { startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf } from './requests.ts'

const body = encodeRequest([spanOf()])
const corsOf = (headers: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))

const asked = (port: number, origin: string) =>
  send(port, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

const sent = (port: number, origin: string, path = '/v1/traces') =>
  send(port, { path, body, headers: { origin, 'content-type': PROTOBUF } })

describe('P13: CORS', () => {
  const cors = {
    allowedOrigins: ['https://app.acme.example', 'https://*.example.com', 'http://localhost:3000'],
    allowedHeaders: ['X-Outlay-Token'],
    maxAgeSeconds: 60,
  }

  test.each(['https://app.acme.example', 'https://eu-1.example.com', 'http://localhost:3000'])(
    'lets a page of %s ask, send and read what it is told, refusals as well',
    async (origin) => {
      await using receiver = await startReceiver({ http: { cors } })
      const preflight = await asked(receiver.port, origin)
      expect([preflight.code, preflight.body.length, preflight.headers.vary]).toEqual([204, 0, 'Origin'])
      expect(corsOf(preflight.headers)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type, content-encoding, authorization, x-outlay-token',
        'access-control-max-age': '60',
        'access-control-expose-headers': 'retry-after',
      })
      for (const [path, code] of [
        ['/v1/traces', 200],
        ['/v1/logs', 404],
      ] as const) {
        const answer = await sent(receiver.port, origin, path)
        expect([answer.code, answer.headers['access-control-allow-origin']]).toEqual([code, origin])
      }
    },
  )

  test.each([
    'https://evil.example',
    'http://app.acme.example',
    'https://app.acme.example:8443',
    'https://app.acme.example.evil.example',
    'https://example.com',
    'https://a.b.example.com',
    'https://evil.example/.example.com',
    'null',
  ])('tells a page of %s nothing', async (origin) => {
    await using receiver = await startReceiver({ http: { cors } })
    const preflight = await asked(receiver.port, origin)
    expect([preflight.code, preflight.headers.vary, corsOf(preflight.headers)]).toEqual([405, 'Origin', {}])
    expect(corsOf((await sent(receiver.port, origin)).headers)).toEqual({})
  })

  test('asks for no token before a page asks whether it may send, and for one when it does', async () => {
    const admit = () => ({ status: 'unauthenticated', message: 'a token is required' }) as const
    await using receiver = await startReceiver({ http: { cors }, admit })
    const origin = 'https://app.acme.example'
    expect((await asked(receiver.port, origin)).code).toBe(204)
    const refused = await sent(receiver.port, origin)
    expect([refused.code, refused.headers['access-control-allow-origin']]).toEqual([401, origin])
  })

  test('lets every page send where all are allowed, without credentials of the browser', async () => {
    await using receiver = await startReceiver({ http: { cors: { allowedOrigins: ['*'] } } })
    const { headers } = await asked(receiver.port, 'https://any.example')
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('is off unless it is configured', async () => {
    await using receiver = await startReceiver()
    const preflight = await asked(receiver.port, 'https://app.acme.example')
    expect([preflight.code, preflight.headers.vary, corsOf(preflight.headers)]).toEqual([405, undefined, {}])
  })
})
