import { readFileSync } from 'node:fs'

/** The version of this package, as its manifest says. */
export const outlayVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String((manifest as { version?: unknown }).version)
}
