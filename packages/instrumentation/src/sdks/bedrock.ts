/**
 * `@aws-sdk/client-bedrock-runtime`. All its methods end in `send`, which takes a command object. The server is known, and the
 * counts of `InvokeModel` are seen, only inside the SDK's middleware: a measured client has one more of those.
 */
import { fieldOf, textOf } from '#src/call/untyped.ts'
import { bedrockApiOf, keepTokenHeaders } from '#src/providers/bedrock.ts'
import { cloneOf, hasMethod, type Method, resourceAt, type Sdk } from './sdk.ts'

interface MiddlewareStack {
  clone(): MiddlewareStack
  add(middleware: (next: Method) => Method, options: object): void
}

/** Where the requests of a client went last; it has one endpoint. */
const endpoints = new WeakMap<object, string>()

const stackOf = (client: object): MiddlewareStack => fieldOf(client, 'middlewareStack') as MiddlewareStack

/** `handlers`: cached ones would not have our middleware. */
const copy = (client: object): object =>
  Object.assign(cloneOf(client), { middlewareStack: stackOf(client).clone(), handlers: undefined })

const watching =
  (client: object) =>
  (next: Method): Method =>
  async (args) => {
    noteEndpoint(client, fieldOf(args, 'request'))
    const result = await next(args)
    keepTokenHeaders(fieldOf(result, 'output'), fieldOf(fieldOf(result, 'response'), 'headers'))
    return result
  }

const noteEndpoint = (client: object, request: unknown): void => {
  const [protocol, hostname, port] = [
    textOf(request, 'protocol'),
    textOf(request, 'hostname'),
    fieldOf(request, 'port'),
  ]
  if (hostname === undefined) return
  endpoints.set(client, `${protocol ?? 'https:'}//${hostname}${typeof port === 'number' ? `:${port}` : ''}`)
}

const deliver = async (sent: Promise<unknown>, callback: Method): Promise<void> => {
  try {
    const outcome = await sent.then(
      (output) => [null, output],
      (error: unknown) => [error],
    )
    callback(...outcome)
  } catch {
    // The callback's own error: the SDK lets it go nowhere, too.
  }
}

/** Callers may pass a callback in place of awaiting. */
const answerCallbacks = (client: object): void => {
  const send = fieldOf(client, 'send') as Method
  const value = (command: unknown, ...rest: unknown[]): unknown => {
    const callback = rest.findLast((each) => typeof each === 'function') as Method | undefined
    if (callback === undefined) return send.call(client, command, ...rest)
    const sent = send.call(client, command, ...rest.filter((each) => typeof each !== 'function')) as Promise<unknown>
    void deliver(sent, callback)
    return undefined
  }
  Object.defineProperty(client, 'send', { value, writable: true, configurable: true, enumerable: false })
}

export const BEDROCK_SDK: Sdk = {
  name: '@aws-sdk/client-bedrock-runtime >= 3.1000',
  recognises: (client) =>
    hasMethod(client, '', 'send') && textOf(resourceAt(client, 'config'), 'serviceId') === 'Bedrock Runtime',
  copy,
  makerOf: () => 'aws.bedrock',
  baseUrlOf: (client) => endpoints.get(client) ?? '',
  calls: [{ path: '', method: 'send', api: bedrockApiOf }],
  finish: (client) => {
    stackOf(client).add(watching(client), { step: 'deserialize', priority: 'high', name: 'outlay', override: true })
    answerCallbacks(client)
  },
}
