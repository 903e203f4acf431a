/** Settings of an app that calls nothing of ours, from its environment. */
import { OutlayError } from '@outlay/core'
import type { DatedUserKey } from '#src/attribution/user-keys.ts'
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
  const userKey = textOf('OUTLAY_USER_KEY')
  const next = textOf('OUTLAY_NEXT_USER_KEY')
  const sendUser = textOf('OUTLAY_SEND_USER_TO_PROVIDERS')
  const token = textOf('OUTLAY_TOKEN')
  return {
    endpoint: textOf('OUTLAY_ENDPOINT') ?? ENDPOINT,
    serviceName: textOf('OUTLAY_SERVICE_NAME') ?? textOf('OTEL_SERVICE_NAME') ?? 'unknown_service:node',
    environment: textOf('OUTLAY_ENVIRONMENT'),
    userKey:
      next === undefined ? userKey : [...(userKey === undefined ? [] : [{ secret: userKey }]), parseNextKey(next)],
    onMissing: chosen('OUTLAY_ON_MISSING', textOf('OUTLAY_ON_MISSING') ?? 'warn', ON_MISSING),
    ...(sendUser === undefined
      ? {}
      : { sendUserToProviders: chosen('OUTLAY_SEND_USER_TO_PROVIDERS', sendUser, ['true', 'false']) === 'true' }),
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

/** Two parts around the first colon, of which the first has none. */
const partsOf = (name: string, text: string, form: string): readonly [string, string] => {
  const colon = text.indexOf(':')
  if (colon > 0) return [text.slice(0, colon), text.slice(colon + 1)]
  throw new OutlayError('E_ZERO_CODE', `${name} has a key of another form`, {
    want: form,
    fix: `correct ${name} in the environment of the app`,
  })
}

const parseKey = (text: string): CarrierKey => {
  const [id, secret] = partsOf('OUTLAY_CARRIER_KEYS', text, 'id:secret, with commas between keys')
  return { id, secret }
}

const parseNextKey = (text: string): DatedUserKey => {
  const [from, secret] = partsOf('OUTLAY_NEXT_USER_KEY', text, 'month:secret, for example 2027-01:…')
  return { from, secret }
}
