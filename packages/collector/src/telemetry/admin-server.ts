/**
 * `/metrics`, `/healthz`, `/readyz` on their own port: what operators and probes ask. Other paths belong to whoever was
 * given them, such as the web panel.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

export interface Health {
  /** The loop answers and the log has not failed. */
  readonly healthy: boolean
  /** New requests are welcome. A database outage does not change this: the log absorbs it. */
  readonly ready: boolean
  readonly details: Readonly<Record<string, string | number | boolean>>
}

interface AdminServerSettings {
  readonly registry: Registry
  readonly health: () => Health
  /** Answers every other path; without it they are not found. */
  readonly others: RequestListener | undefined
}

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

const OWN_PATHS: ReadonlySet<string | undefined> = new Set(['/metrics', '/healthz', '/readyz'])

const answerNotFound = (response: ServerResponse): void =>
  sendJson(response, 404, { error: 'not found; this port serves /metrics, /healthz and /readyz' })

export const createAdminServer = ({ registry, health, others }: AdminServerSettings): Server =>
  createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    if (!OWN_PATHS.has(path)) {
      if (others) others(request, response)
      else answerNotFound(response)
      return
    }
    if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end()
      return
    }
    if (path === '/healthz' || path === '/readyz') {
      const { healthy, ready, details } = health()
      const ok = path === '/healthz' ? healthy : healthy && ready
      sendJson(response, ok ? 200 : 503, { status: ok ? 'ok' : 'unavailable', ready, ...details })
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
