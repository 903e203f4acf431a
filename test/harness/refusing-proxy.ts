/** A proxy that lets nothing through and tells what was asked of it: for programs that must not leave this machine. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface RefusingProxy extends AsyncDisposable {
  /** Variables that send every HTTP client to it, except for what is on loopback. */
  readonly environment: Readonly<Record<string, string>>
  /** Hosts that somebody tried to reach. */
  readonly refused: readonly string[]
}

const LOOPBACK = '127.0.0.1'

export const startRefusingProxy = async (): Promise<RefusingProxy> => {
  const refused: string[] = []
  const server = createServer(({ url = '' }, answer) => {
    refused.push(new URL(url, 'http://unknown').host)
    answer.writeHead(403).end()
  })
  server.on('connect', ({ url = '' }, socket) => {
    refused.push(url)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((listening) => void server.listen(0, LOOPBACK, listening))
  const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`
  const byName = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: LOOPBACK }
  const inLowerCase = Object.entries(byName).map(([name, value]) => [name.toLowerCase(), value])
  return {
    environment: { ...byName, ...Object.fromEntries(inLowerCase) },
    refused,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
