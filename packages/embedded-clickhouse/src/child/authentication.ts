import type { IncomingHttpHeaders } from 'node:http'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { EngineCredentials } from '../credentials.ts'
import { Fault } from './fault.ts'

export type Role = 'reader' | 'collector' | 'migrator'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const matches = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected))

/** The caller's role. No credentials at all mean `reader`; wrong ones are 403 with code 516, like a server's. */
export const authenticate = (headers: IncomingHttpHeaders, credentials: EngineCredentials): Role => {
  const { username, password } = presented(headers)
  const name = username === 'default' ? 'reader' : username
  if (name === 'reader' || name === 'collector' || name === 'migrator') {
    if (matches(password, credentials[name].password)) return name
  }
  throw new Fault(
    516,
    'AUTHENTICATION_FAILED',
    'Authentication failed: the password is incorrect, or there is no user with that name',
  )
}

const presented = (headers: IncomingHttpHeaders): { username: string; password: string } => {
  const user = headers['x-clickhouse-user']
  const key = headers['x-clickhouse-key']
  if (typeof user === 'string') return { username: user, password: typeof key === 'string' ? key : '' }
  const { authorization } = headers
  if (authorization === undefined) return { username: 'default', password: '' }
  const basic = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1]
  if (basic === undefined) return { username: '', password: '' }
  const pair = Buffer.from(basic, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 0) return { username: pair, password: '' }
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1) }
}
