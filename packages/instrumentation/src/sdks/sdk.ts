/** What `wrap` must know of a maker's SDK: how to recognise and copy its client, and where its model calls are made. */
import type { ModelApi } from '#src/call/model-api.ts'
import { fieldOf, isObject } from '#src/call/untyped.ts'

export interface SdkCall {
  /** Resource of the client, e.g. `chat.completions`; empty = the client itself. */
  readonly path: string
  readonly method: string
  /** A function where one method makes calls of many kinds; `undefined` from it is no model call. */
  readonly api: ModelApi | ((argument: unknown) => ModelApi | undefined)
}

export interface Sdk {
  /** As its users name it, with the versions that are supported. */
  readonly name: string
  readonly recognises: (client: object) => boolean
  /** A client with the same credentials and options that may be changed. */
  readonly copy: (client: object) => object
  /** Who bills, unless the host says otherwise. */
  readonly makerOf: (client: object) => string
  readonly baseUrlOf: (client: object) => string
  /** Where model calls are made. The SDK's own helpers (`stream`, `parse`, tool runners) end up here too. */
  readonly calls: readonly SdkCall[]
  /** Helpers that return no promise: they must refuse at once. */
  readonly starters?: readonly string[]
  /** What else must be done to the client, once its calls are measured. */
  readonly finish?: (client: object) => void
  /** Options that every client derived with `withOptions` gets as well. */
  readonly derivedOptions?: (client: object) => object
}

export type Method = (...args: unknown[]) => unknown

/** Class instances with accessors: walked by property, not by copy. */
export const resourceAt = (client: object, path: string): object | undefined => {
  let at: unknown = client
  for (const name of path === '' ? [] : path.split('.')) at = fieldOf(at, name)
  return isObject(at) ? at : undefined
}

export const hasMethod = (client: object, path: string, method: string): boolean =>
  typeof fieldOf(resourceAt(client, path), method) === 'function'

/** A shallow copy of the same class, for SDKs that have no way to copy a client. */
export const cloneOf = <Client extends object>(client: Client): Client =>
  Object.create(Object.getPrototypeOf(client) as object, Object.getOwnPropertyDescriptors(client)) as Client

type Constructor = new (...args: unknown[]) => object

/** Another instance of the class of `instance`. */
export const anotherOf = (instance: object, ...args: unknown[]): object =>
  new (instance.constructor as Constructor)(...args)
