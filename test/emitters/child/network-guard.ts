/** Nothing in an emitter's process may reach beyond this machine: every other destination is refused and remembered. */
import dns from 'node:dns'
import { Socket } from 'node:net'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/

type Method = (this: unknown, ...args: unknown[]) => unknown

const hostOf = (target: unknown): string => {
  const [options] = (Array.isArray(target) ? target : [target]) as [unknown]
  if (typeof options !== 'object' || options === null) return 'localhost'
  const { path, host } = options as { path?: string; host?: string }
  // A pipe or an own socket file has a path and no host.
  return typeof path === 'string' && host === undefined ? 'localhost' : (host ?? 'localhost')
}

/** Call it before anything else is loaded. Answers the list that refused destinations are added to. */
export const guardNetwork = (): readonly string[] => {
  const refused: string[] = []
  const refuse = (host: string): never => {
    refused.push(host)
    throw new Error(`the network guard refuses ${host}`)
  }
  const connect = Reflect.get(Socket.prototype, 'connect') as Method
  Object.assign(Socket.prototype, {
    connect(this: unknown, ...args: unknown[]) {
      const [first, second] = args
      const host = typeof first === 'number' ? (typeof second === 'string' ? second : 'localhost') : hostOf(first)
      if (!LOOPBACK.test(host)) refuse(host)
      return connect.apply(this, args)
    },
  })
  const lookup = Reflect.get(dns, 'lookup') as Method
  Object.assign(dns, {
    lookup(this: unknown, host: string, ...rest: unknown[]) {
      if (!LOOPBACK.test(host)) refuse(host)
      return lookup.call(this, host, ...rest)
    },
  })
  return refused
}
