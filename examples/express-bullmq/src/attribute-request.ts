/** The middleware: everything behind it runs in the name of whoever sent the request. */
import { withAttribution } from '@outlay/instrumentation'
import type { RequestHandler } from 'express'
import { accountOf } from './accounts.ts'

/** Tenant and user come from the credentials, never from what the request says of itself. */
export const attributeRequest: RequestHandler = (request, response, next) => {
  const account = accountOf(request.headers.authorization)
  if (account === undefined) {
    response.status(401).json({ error: 'an API key is needed: authorization: Bearer …' })
    return
  }
  withAttribution(account, next)
}
