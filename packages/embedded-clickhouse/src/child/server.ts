import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { EngineCredentials } from '../credentials.ts'
import { engineLimits } from '../limits.ts'
import { type AnswerContext, sendFault, sendResult } from './answer.ts'
import { authenticate, type Role } from './authentication.ts'
import { IncompleteBody, readText, type Spool } from './body.ts'
import type { Engine } from './engine.ts'
import { accessFault, Fault, faultOf, syntaxFault } from './fault.ts'
import { encodeHandshake, isHandshake } from './handshake.ts'
import { runInsert } from './insert.ts'
import { parseInsertStatement } from './insert-statement.ts'
import { runGuardedRead } from './read.ts'
import { type EngineRequest, parseRequest } from './request.ts'
import type { StatementResult } from './statement.ts'
import { runServiceStatement } from './write.ts'

export interface EndpointSettings {
  readonly engine: Engine
  readonly spool: Spool
  readonly credentials: EngineCredentials
  readonly host: string
  readonly onRefusal: (rule: string) => void
  /** A statement was answered. */
  readonly onAnswered: (result: 'ok' | 'failed' | 'refused') => void
}

/** ClickHouse's HTTP interface over the engine. One request, one complete answer. */
export const createEndpoint = (settings: EndpointSettings): Server => {
  const server = createServer(
    { maxHeaderSize: engineLimits.requestHeaderBytesMax, headersTimeout: engineLimits.headersTimeoutMs },
    (request, response) => {
      void answer(settings, request, response)
    },
  )
  server.keepAliveTimeout = engineLimits.keepAliveMs
  server.maxConnections = engineLimits.connectionsMax
  return server
}

const answer = async (
  settings: EndpointSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  let context: AnswerContext = { response, queryId: '', acceptsGzip: false }
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  try {
    const url = new URL(request.url ?? '/', 'http://engine.invalid')
    requireLocalHost(settings.host, request.headers.host)
    if (answerProbe(request, url, response)) return
    const role = authenticate(request.headers, settings.credentials)
    const parsed = parseRequest(request, url)
    context = { ...context, queryId: parsed.queryId, acceptsGzip: parsed.acceptsGzip }
    await sendResult(context, await run({ settings, role, parsed, body: request, signal: gone.signal }))
    settings.onAnswered('ok')
  } catch (error) {
    if (error instanceof IncompleteBody || response.destroyed) {
      response.destroy()
      return
    }
    const fault = faultOf(error)
    if (fault.rule !== undefined) settings.onRefusal(fault.rule)
    settings.onAnswered(fault.rule === undefined ? 'failed' : 'refused')
    // What is left of an unread body is drained, so that the connection can serve the next request.
    request.resume()
    sendFault(context, fault, settings.engine.version)
  }
}

/** True when the request was a liveness probe, or no request of this interface at all. */
const answerProbe = (request: IncomingMessage, url: URL, response: ServerResponse): boolean => {
  const plain = (status: number, text: string, headers: Record<string, string> = {}): true => {
    request.resume()
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', ...headers }).end(text)
    return true
  }
  if (request.method !== 'GET' && request.method !== 'POST')
    return plain(405, 'Use GET or POST\n', { Allow: 'GET, POST' })
  if (url.pathname === '/ping') return plain(200, 'Ok.\n')
  if (url.pathname !== '/') return plain(404, `There is no handle ${url.pathname.slice(0, 100)}\n`)
  return request.method === 'GET' && url.search === '' ? plain(200, 'Ok.\n') : false
}

/** A page on the internet must not reach a loopback endpoint by pointing its own name at it (DNS rebinding). */
const requireLocalHost = (bound: string, header: string | undefined): void => {
  const loopback = bound === 'localhost' || bound === '::1' || bound.startsWith('127.')
  if (!loopback || header === undefined) return
  const name = header.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) return
  throw accessFault('The Host header names another machine; this endpoint answers to localhost')
}

interface Exchange {
  readonly settings: EndpointSettings
  readonly role: Role
  readonly parsed: EngineRequest
  readonly body: IncomingMessage
  readonly signal: AbortSignal
}

const run = async ({ settings, role, parsed, body, signal }: Exchange): Promise<StatementResult> => {
  const { engine } = settings
  const insert = parsed.urlQuery === '' ? undefined : parseInsertStatement(parsed.urlQuery)
  if (insert !== undefined && parsed.method === 'POST') {
    return runInsert({ engine, spool: settings.spool, role, request: parsed, insert, body })
  }
  const bytesMax = role === 'reader' ? engineLimits.readerQueryBytesMax : engineLimits.serviceQueryBytesMax
  const sql = joined(parsed.urlQuery, await readText(body, bytesMax))
  if (sql.includes('\0')) throw syntaxFault('The statement contains a NUL byte')
  if (isHandshake(sql, parsed.settings)) {
    return { bytes: encodeHandshake(engine.version), format: 'Native', resultRows: 1, elapsedSeconds: 0 }
  }
  const call = { engine, role, request: parsed, sql, signal }
  if (role === 'reader') return runGuardedRead(call)
  if (parsed.method === 'GET' && (await isWrite(engine, sql))) {
    throw new Fault(164, 'READONLY', 'Cannot execute a write over GET: use POST')
  }
  return runServiceStatement({ ...call, role })
}

const joined = (fromUrl: string, fromBody: string): string =>
  fromUrl === '' || fromBody === '' ? fromUrl + fromBody : `${fromUrl}\n${fromBody}`

const isWrite = async (engine: Engine, sql: string): Promise<boolean> =>
  (await engine.withControl((control) => control.classify(sql, null))).queryClass !== 0
