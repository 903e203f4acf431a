/** What an HTTP request shows of its sender. */
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Credentials } from './admission.ts'
import { namesOf } from './certificate-names.ts'

export const httpCredentials = (request: IncomingMessage): Credentials => ({
  header: (name) => {
    const values = request.headersDistinct[name]
    return values?.length === 1 ? values[0] : undefined
  },
  certificateNames: () => {
    const { socket } = request
    // Without a certificate of a CA that we trust the handshake has failed already: this is the second lock.
    return socket instanceof TLSSocket && socket.authorized ? namesOf(socket.getPeerCertificate().subjectaltname) : []
  },
})
