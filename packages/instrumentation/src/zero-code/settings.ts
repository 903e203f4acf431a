/** Settings of an app that calls nothing of ours, from its environment. */
import { OutlayError } from '@outlay/core'
import type { OnMissing, RequiredField } from '#src/attribution/policy.ts'
import type { CarrierKey } from '#src/propagation/carrier-keys.ts'
import type { RegisterOptions } from '#src/register.ts'

type Environment = Readonly<Record<string, string | undefined>>

const ENDPOINT = 'http://127.0.0.1:4318'
const ON_MISSING: readonly OnMissing[] = ['throw', 'quarantine', 'warn']
const REQUIRABLE: readonly RequiredField[] = [
  'tenant',
  'user',
  'feature',
  'workload',
  'task',
  'session',
  'turn',
  'tier',
  'route',
  'promptVersion',
]

/**
 * Options for `registerOutlay`. Empty variables count as not set. Fails with `E_ZERO_CODE` on a value that is none of the
 * choices; calls without attribution are let through with a warning unless `OUTLAY_ON_MISSING` says otherwise, since nobody has
 * put attribution into such an app yet.
 */
export const parseSettings = (environment: Environment): RegisterOptions => {
  const textOf = (name: string): string | undefined => environment[name] || undefined
  const listOf = (name: string): readonly string[] | undefined =>
    textOf(name)
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const required = listOf('OUTLAY_REQUIRE')?.map((field) => chosen('OUTLAY_REQUIRE', field, REQUIRABLE))
  const carrierKeys = listOf('OUTLAY_CARRIER_KEYS')?.map(parseKey)
  const token = textOf('OUTLAY_TOKEN')
  return {
    endpoint: textOf('OUTLAY_ENDPOINT') ?? ENDPOINT,
    serviceName: textOf('OUTLAY_SERVICE_NAME') ?? textOf('OTEL_SERVICE_NAME') ?? 'unknown_service:node',
    environment: textOf('OUTLAY_ENVIRONMENT'),
    userKey: textOf('OUTLAY_USER_KEY'),
    onMissing: chosen('OUTLAY_ON_MISSING', textOf('OUTLAY_ON_MISSING') ?? 'warn', ON_MISSING),
    ...(required === undefined ? {} : { require: required }),
    ...(carrierKeys === undefined ? {} : { carrierKeys }),
    propagateTo: listOf('OUTLAY_PROPAGATE_TO'),
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  }
}

const chosen = <Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice => {
  const found = choices.find((choice) => choice === text)
  if (found !== undefined) return found
  throw new OutlayError('E_ZERO_CODE', `${name} is none of its choices`, {
    got: JSON.stringify(text),
    want: choices.join(', '),
    fix: `correct ${name} in the environment of the app`,
  })
}

/** `id:secret`; an id has no colon. */
const parseKey = (text: string): CarrierKey => {
  const colon = text.indexOf(':')
  if (colon > 0) return { id: text.slice(0, colon), secret: text.slice(colon + 1) }
  throw new OutlayError('E_ZERO_CODE', 'OUTLAY_CARRIER_KEYS has a key without an id', {
    want: 'id:secret, with commas between keys',
    fix: 'correct OUTLAY_CARRIER_KEYS in the environment of the app',
  })
}
