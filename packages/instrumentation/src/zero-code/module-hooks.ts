/**
 * Puts measured classes in place of the SDKs' own while Node loads them. An ES module is loaded under another URL, and what the app
 * imports is a module around it; a CommonJS module gets a line at its end. Packages that a bundler has taken in are not seen.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { measuredClass } from './measured-class.ts'
import { SDK_MODULES, type SdkModule } from './sdk-modules.ts'

const MODULES: ReadonlyMap<string, SdkModule> = new Map(SDK_MODULES.map((module) => [module.specifier, module]))

/** Where generated code finds the functions below. */
const HANDLE = 'outlay.zero-code'
const handle = `globalThis[Symbol.for(${JSON.stringify(HANDLE)})]`

interface Handle {
  readonly measuredExport: (specifier: string, original: unknown) => unknown
  readonly measuredExports: (specifier: string, original: object) => object
}

const measuredExport = (specifier: string, original: unknown): unknown =>
  measuredClass(original, MODULES.get(specifier)?.options)

/** Exports that a compiler has made are getters which nobody may redefine: hence a proxy around them. */
const measuredExports = (specifier: string, original: object): object => {
  const { clients = [], options } = MODULES.get(specifier) ?? {}
  const get = (target: object, name: string | symbol, receiver: unknown): unknown => {
    const value: unknown = Reflect.get(target, name, receiver)
    return typeof name === 'string' && clients.includes(name) ? measuredClass(value, options) : value
  }
  // Some packages are the class of their client: `new (require('openai'))()`.
  const Callable = typeof original === 'function' ? measuredClass(original, options) : original
  return new Proxy(Callable as object, { get })
}

/** Loaded as it is: the module around it imports it so. */
const ORIGINAL = 'outlay-original'

const moduleAround = (url: string, { specifier, clients }: SdkModule): string => {
  const original = JSON.stringify(`${url}${url.includes('?') ? '&' : '?'}${ORIGINAL}`)
  const measured = (name: string): string => `${handle}.measuredExport(${JSON.stringify(specifier)}, original.${name})`
  const named = clients.filter((name) => name !== 'default')
  return [
    `import * as original from ${original}`,
    `export * from ${original}`,
    ...named.map((name) => `export const ${name} = ${measured(name)}`),
    ...(clients.includes('default') ? [`export default ${measured('default')}`] : []),
    '',
  ].join('\n')
}

/** Not written as an assignment to `module.exports`, from which Node reads the names of exports. */
const lineAtEnd = ({ specifier }: SdkModule): string =>
  `\n;Object.assign(module, { exports: ${handle}.measuredExports(${JSON.stringify(specifier)}, module.exports) })\n`

/** Call it once, before the app is loaded. */
export const measureLoadedSdks = (): void => {
  const functions: Handle = { measuredExport, measuredExports }
  Object.defineProperty(globalThis, Symbol.for(HANDLE), { value: functions })
  /** URLs of the SDKs' main modules. */
  const found = new Map<string, SdkModule>()
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context)
      const module = MODULES.get(specifier)
      if (module !== undefined) found.set(resolved.url, module)
      return resolved
    },
    load(url, context, nextLoad) {
      const module = found.get(url)
      if (module === undefined) return nextLoad(url, context)
      const loaded = nextLoad(url, context)
      if (loaded.format === 'module') return { format: 'module', source: moduleAround(url, module), shortCircuit: true }
      // CommonJS; without a format where the package does not say so.
      const source = loaded.source ?? readFileSync(fileURLToPath(url))
      const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8')
      return { ...loaded, source: `${text}${lineAtEnd(module)}` }
    },
  })
}
