/** Where a request carries its token: a header of its own if one is configured, else `Authorization`, Bearer or Basic. */
import type { Credentials } from '#src/otlp/admission.ts'

const AUTHORIZATION = 'authorization'
const SCHEME = /^(bearer|basic) +(\S+)$/i

/** The text of the token; undefined if there is none. Not checked. */
export const presentedToken = (credentials: Credentials, headerName: string): string | undefined => {
  if (headerName !== AUTHORIZATION) {
    const own = credentials.header(headerName)
    if (own !== undefined) return SCHEME.test(own) ? schemeToken(own) : own.trim()
  }
  const authorization = credentials.header(AUTHORIZATION)
  return authorization === undefined ? undefined : schemeToken(authorization)
}

const schemeToken = (value: string): string | undefined => {
  const [, scheme = '', text = ''] = SCHEME.exec(value.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return text
    case 'basic': {
      // The user name says nothing: the token names itself.
      const [, ...password] = Buffer.from(text, 'base64').toString('utf8').split(':')
      return password.join(':')
    }
    default:
      return undefined
  }
}
