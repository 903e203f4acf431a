/**
 * Certificates made for one test: X.509 v3 in DER (RFC 5280), signed with keys of `node:crypto`. Only what a TLS handshake
 * looks at.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const DAY_MS = 86_400_000

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const TRUE = Buffer.from([0x01, 0x01, 0xff])

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'))
const nameOf = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))))
const utcTime = (ms: number): Buffer => {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`))
}
const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(objectId(id), ...(critical ? [TRUE] : []), der(0x04, value))

/** Tags of RFC 5280 GeneralName. */
const altNameOf = (name: string): Buffer => {
  const [kind = '', ...rest] = name.split(':')
  const value = rest.join(':')
  if (kind === 'IP') return der(0x87, Buffer.from(value.split('.').map(Number)))
  return der(kind === 'URI' ? 0x86 : 0x82, Buffer.from(value))
}

export interface Issued {
  readonly name: string
  readonly privateKey: KeyObject
  /** PEM. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

export interface Issuing {
  /** Self-signed without one. */
  readonly by?: Issued
  /** `DNS:…`, `URI:…`, `IP:…`. */
  readonly altNames?: readonly string[]
  /** From now; negative = it has expired. */
  readonly days?: number
}

export const issue = (name: string, { by, altNames = [], days = 1 }: Issuing = {}): Issued => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const endMs = Date.now() + days * DAY_MS
  const isCa = by === undefined
  const extensions = sequence(
    extension('551d13', sequence(...(isCa ? [TRUE] : [])), true),
    ...(altNames.length === 0 ? [] : [extension('551d11', sequence(...altNames.map(altNameOf)))]),
  )
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(by?.name ?? name),
    sequence(utcTime(Math.min(Date.now(), endMs) - 2 * DAY_MS), utcTime(endMs)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = sign('sha256', toBeSigned, by?.privateKey ?? privateKey)
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))
  const lines = certificate
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')
  return {
    name,
    privateKey,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
