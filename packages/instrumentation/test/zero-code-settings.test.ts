/** Settings of an app that calls nothing of ours. */
import { expect, test } from 'vitest'
import { parseSettings } from '#src/zero-code/settings.ts'

test('nothing set: the collector of this machine, and calls are let through with a warning', () => {
  expect(parseSettings({ OUTLAY_TOKEN: '' })).toEqual({
    endpoint: 'http://127.0.0.1:4318',
    serviceName: 'unknown_service:node',
    onMissing: 'warn',
  })
})

test('all that registerOutlay takes and that can be written in a variable', () => {
  const settings = parseSettings({
    OUTLAY_ENDPOINT: 'https://outlay.internal',
    OUTLAY_TOKEN: 'ok_1',
    OTEL_SERVICE_NAME: 'inbox',
    OUTLAY_ENVIRONMENT: 'production',
    OUTLAY_USER_KEY: 'old',
    OUTLAY_NEXT_USER_KEY: '2027-01:new:er',
    OUTLAY_SEND_USER_TO_PROVIDERS: 'true',
    OUTLAY_ON_MISSING: 'throw',
    OUTLAY_REQUIRE: 'tenant, task',
    OUTLAY_CARRIER_KEYS: 'k2:b:c,k1:a',
    OUTLAY_PROPAGATE_TO: '*.internal,billing.example.com',
  })
  expect(settings).toEqual({
    endpoint: 'https://outlay.internal',
    headers: { authorization: 'Bearer ok_1' },
    serviceName: 'inbox',
    environment: 'production',
    userKey: [{ secret: 'old' }, { from: '2027-01', secret: 'new:er' }],
    sendUserToProviders: true,
    onMissing: 'throw',
    require: ['tenant', 'task'],
    carrierKeys: [
      { id: 'k2', secret: 'b:c' },
      { id: 'k1', secret: 'a' },
    ],
    propagateTo: ['*.internal', 'billing.example.com'],
  })
})

test.each([
  [{ OUTLAY_NEXT_USER_KEY: 'secret' }, 'OUTLAY_NEXT_USER_KEY'],
  [{ OUTLAY_SEND_USER_TO_PROVIDERS: 'yes' }, 'OUTLAY_SEND_USER_TO_PROVIDERS'],
])('what cannot be meant is refused by the name of its variable: %o', (environment, name) => {
  expect(() => parseSettings(environment)).toThrow(expect.objectContaining({ code: 'E_ZERO_CODE' }))
  expect(() => parseSettings(environment)).toThrow(name)
})
