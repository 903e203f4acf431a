/**
 * State that a process has once, however many copies of this package run in it. Bundlers make copies: Next.js has one in
 * `instrumentation.ts`, where the app registers, and others in its routes, where calls are made. Without this the routes would
 * not know the policy, and what one copy has counted another would count again.
 */

/** `name` stands for the shape of the state too: give it another one when that changes, since copies may differ in version. */
export const processWide = <State extends object>(name: string, create: () => State): State => {
  const key = Symbol.for(`@outlay/instrumentation/${name}`)
  const found = Reflect.get(globalThis, key) as State | undefined
  if (found !== undefined) return found
  const state = create()
  Object.defineProperty(globalThis, key, { value: state })
  return state
}
