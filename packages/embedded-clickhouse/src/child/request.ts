import { randomHex } from '@outlay/core'
import type { IncomingMessage } from 'node:http'
import { accessFault, Fault } from './fault.ts'

/** One request of ClickHouse's HTTP interface, apart from its body. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST'
  /** The statement, or its first part, from the URL. */
  readonly urlQuery: string
  readonly queryId: string
  /** Undefined: the engine's `default`. */
  readonly database: string | undefined
  readonly defaultFormat: string | undefined
  readonly settings: ReadonlyMap<string, string>
  /** With their `param_` prefix. */
  readonly parameters: ReadonlyMap<string, string>
  readonly acceptsGzip: boolean
}

/** Accepted without state: sessions and roles do not exist here. */
const IGNORED = new Set([
  'session_id',
  'session_timeout',
  'session_check',
  'role',
  'quota_key',
  'stacktrace',
  'close_session',
])
const CREDENTIALS = new Set(['user', 'password'])
const QUERY_ID = /^[A-Za-z0-9_-]{1,64}$/
const FORMAT = /^[A-Za-z0-9]{1,64}$/
const PARAMETER = /^param_\w{1,128}$/

export const parseRequest = (request: IncomingMessage, url: URL): EngineRequest => {
  const settings = new Map<string, string>()
  const parameters = new Map<string, string>()
  const own = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    if (IGNORED.has(name)) continue
    if (CREDENTIALS.has(name))
      throw accessFault('Credentials in the URL end up in logs: send them in the Authorization header')
    if (name === 'compress' || name === 'decompress') {
      if (value !== '0')
        throw new Fault(
          48,
          'NOT_IMPLEMENTED',
          `${name}=1 is not offered here: use Content-Encoding and Accept-Encoding`,
        )
    } else if (['query', 'query_id', 'database', 'default_format'].includes(name)) own.set(name, value)
    else if (name.startsWith('param_')) {
      if (!PARAMETER.test(name)) throw new Fault(36, 'BAD_ARGUMENTS', 'A query parameter has a malformed name')
      parameters.set(name, value)
    } else settings.set(name, value)
  }
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const queryId = own.get('query_id') ?? ''
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    urlQuery: own.get('query') ?? '',
    queryId: QUERY_ID.test(queryId) ? queryId : randomHex(16),
    database: databaseOf(own.get('database') ?? header('x-clickhouse-database')),
    defaultFormat: formatOf(header('x-clickhouse-format') ?? own.get('default_format')),
    settings,
    parameters,
    acceptsGzip: /\bgzip\b/.test(header('accept-encoding') ?? '') && settings.get('enable_http_compression') !== '0',
  }
}

const databaseOf = (name: string | undefined): string | undefined => {
  if (name === undefined || name === '') return undefined
  if (!/^\w{1,128}$/.test(name)) throw new Fault(81, 'UNKNOWN_DATABASE', 'The database does not exist')
  return name
}

const formatOf = (name: string | undefined): string | undefined => {
  if (name === undefined || name === '') return undefined
  if (!FORMAT.test(name)) throw new Fault(73, 'UNKNOWN_FORMAT', 'Unknown format')
  return name
}
