/** What a process sends, as it arrives at a collector's door. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

interface WireSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly status: { readonly code?: number; readonly message?: string }
  readonly events: unknown[]
  readonly attributes: Readonly<Record<string, unknown>>
}

/** A collector's door: keeps what arrives, answers what it is told to. */
export const startSink = async () => {
  const bodies: string[] = []
  const headers: unknown[] = []
  const sink = { status: 200 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      bodies.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'))
      headers.push({ path: request.url, authorization: request.headers.authorization })
      response.writeHead(sink.status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    headers,
    refuseWith: (status: number) => (sink.status = status),
    spans: () => bodies.flatMap(spansIn),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

interface WireAttribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

const attributesIn = (list: readonly WireAttribute[] = []): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]))

const spansIn = (body: string): (WireSpan & { readonly resource: Record<string, unknown> })[] => {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: {
      resource: { attributes: WireAttribute[] }
      scopeSpans: { spans: (Omit<WireSpan, 'attributes'> & { attributes: WireAttribute[] })[] }[]
    }[]
  }
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: attributesIn(span.attributes),
        resource: attributesIn(resource.attributes),
      })),
    ),
  )
}
