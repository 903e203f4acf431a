/** Attribution across HTTP: to one's own hosts, signed, and to nobody else. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { context, propagation, trace } from '@opentelemetry/api'
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { expect, test } from 'vitest'
import {
  AttributionPropagator,
  carrierStats,
  configureAttribution,
  currentAttribution,
  outgoingHeaders,
  registerOutlay,
  runWithHeaders,
  withAttribution,
  withTask,
} from '#src/index.ts'
import { startHarness, USER_KEY, WHO } from './harness.ts'

const KEYS = [{ id: 'k1', secret: 'shared by our services' }]

/** One server that is our own under one name and a third party under another; it keeps the headers of each request. */
const startServices = async () => {
  const seen: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    response.end('ok')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    own: `http://localhost:${port}/`,
    thirdParty: `http://127.0.0.1:${port}/`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

const startPropagation = async (hosts = ['localhost']) => {
  const harness = await startHarness({ policy: { carrierKeys: KEYS } })
  const propagators = [new W3CTraceContextPropagator(), new AttributionPropagator({ hosts })]
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }))
  return {
    harness,
    async [Symbol.asyncDispose]() {
      propagation.disable()
      await harness[Symbol.asyncDispose]()
    },
  }
}

const ATTRIBUTED = { ...WHO, user: 'jane', tier: 'pro' }

test('an instrumented fetch carries attribution to allow-listed hosts, and a trace id at most to others', async () => {
  await using _ = await startPropagation()
  await using services = await startServices()
  const instrumentation = new UndiciInstrumentation()
  instrumentation.setTracerProvider(trace.getTracerProvider())
  instrumentation.enable()
  await withAttribution(ATTRIBUTED, async () => {
    await (await fetch(services.own)).text()
    await (await fetch(services.thirdParty)).text()
  })
  instrumentation.disable()
  const [own, other] = services.seen
  expect(own?.['baggage']).toMatch(/^outlay\.attribution=o1\./)
  expect(own?.['traceparent']).toBeDefined()
  expect(other?.['traceparent']).toBeDefined()
  expect(JSON.stringify(other)).not.toMatch(/outlay|acme|h_/)
})

test('a service takes over who and what a request is for, and its trace', async () => {
  await using _ = await startPropagation()
  await using services = await startServices()
  const sent = await withAttribution(ATTRIBUTED, () =>
    withTask({ type: 'triage' }, async () => {
      const span = trace.getTracer('app').startSpan('request')
      const headers = context.with(trace.setSpan(context.active(), span), () => outgoingHeaders(services.own))
      await (await fetch(services.own, { headers })).text()
      return { attribution: currentAttribution(), traceId: span.spanContext().traceId }
    }),
  )
  const received = services.seen[0] ?? {}
  for (const headers of [received, new Headers(received as Record<string, string>)]) {
    const seen = runWithHeaders(headers, () => ({
      attribution: currentAttribution(),
      traceId: trace.getSpanContext(context.active())?.traceId,
    }))
    expect(seen).toEqual(sent)
  }
})

test('headers that nobody of ours has signed are left out and counted', async () => {
  await using _ = await startPropagation()
  const forged = `o1.${Buffer.from(JSON.stringify({ a: WHO, e: 9e15 })).toString('base64url')}`
  const before = carrierStats().refused
  for (const value of [forged, `${forged}.k1.AAAA`, 'hello']) {
    expect(runWithHeaders({ baggage: `outlay.attribution=${value}` }, currentAttribution)).toEqual({})
  }
  expect(carrierStats().refused).toMatchObject({
    unsigned: before.unsigned + 1,
    forged: before.forged + 1,
    malformed: before.malformed + 1,
  })
})

test('without keys nothing is sent and nothing is believed', async () => {
  await using _ = await startPropagation()
  const headers = withAttribution(WHO, () => outgoingHeaders('http://localhost/'))
  configureAttribution({ userKey: USER_KEY })
  expect(withAttribution(WHO, () => outgoingHeaders('http://localhost/'))).not.toHaveProperty('baggage')
  expect(runWithHeaders(headers, currentAttribution)).toEqual({})
})

test('baggage of the app travels as before, and ours never enters it', async () => {
  await using _ = await startPropagation()
  const baggage = propagation.createBaggage({ shop: { value: '7' } })
  const headers = context.with(propagation.setBaggage(context.active(), baggage), () =>
    withAttribution(WHO, () => outgoingHeaders('http://localhost/', { accept: 'text/plain' })),
  )
  expect(headers).toMatchObject({
    accept: 'text/plain',
    baggage: expect.stringMatching(/^shop=7,outlay\.attribution=/),
  })
  runWithHeaders(headers, () => {
    expect(currentAttribution()).toEqual(WHO)
    expect(propagation.getActiveBaggage()?.getAllEntries()).toEqual([['shop', { value: '7' }]])
    expect(withAttribution({ feature: 'x' }, () => outgoingHeaders('http://api.openai.com/'))['baggage']).toBe('shop=7')
  })
})

test.each([
  ['billing.internal', 'BILLING.internal', true],
  ['billing.internal', 'billing.internal.evil.example', false],
  ['*.example.com', 'a.b.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'evilexample.com', false],
])('%s and a request to %s: %s', async (pattern, host, isSent) => {
  await using _ = await startPropagation([pattern])
  expect('baggage' in withAttribution(WHO, () => outgoingHeaders(`https://${host}/x`))).toBe(isSent)
})

test.each(['*', 'https://example.com', 'example.com:443', 'example.com/path', '', '*.'])(
  'attribution is not sent to %j, which is no host',
  (host) => {
    const register = () => registerOutlay({ endpoint: 'http://127.0.0.1:1', serviceName: 'x', propagateTo: [host] })
    expect(register).toThrow(expect.objectContaining({ code: 'E_PROPAGATE_TO' }))
    expect(() => new AttributionPropagator({ hosts: [host] })).toThrow(/host/)
  },
)

test('registerOutlay sends to the hosts that it was given, and no longer after its shutdown', async () => {
  const outlay = registerOutlay({
    endpoint: 'http://127.0.0.1:1',
    serviceName: 'x',
    carrierKeys: KEYS,
    propagateTo: ['localhost'],
  })
  const send = () => withAttribution(WHO, () => outgoingHeaders('http://localhost/'))
  expect(send()).toHaveProperty('baggage')
  await outlay.shutdown()
  expect(send()).toEqual({})
})
