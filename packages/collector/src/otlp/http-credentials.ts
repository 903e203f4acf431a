/** What an HTTP request shows of its sender. */
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Credentials } from './admission.ts'
import { namesOf } from './certificate-names.ts'
import { sessionOf } from './http-listener.ts'

export const httpCredentials = (request: IncomingMessage): Credentials => ({
  header: (name) => {
    const values = request.rawHeaders.filter((_, at, raw) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name)
    return values.length === 1 ? values[0] : undefined
  },
  certificateNames: () => {
    const socket = sessionOf(request)?.socket ?? request.socket
    // Without a certificate of a CA that we trust the handshake has failed already: this is the second lock.
    return socket instanceof TLSSocket && socket.authorized ? namesOf(socket.getPeerCertificate().subjectaltname) : []
  },
})
