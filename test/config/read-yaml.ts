/** YAML for the tests of configuration files. The root has no parser of its own: this is the one of the generator. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const requireFromDashboards = createRequire(new URL('../../packages/dashboards/package.json', import.meta.url))
const { parse } = requireFromDashboards('yaml') as { parse: (text: string) => unknown }

/** Path from the root of the repository. */
export const pathOf = (path: string): string => `${root}${path}`
export const readText = (path: string): string => readFileSync(pathOf(path), 'utf8')

/** The one document of a file. Repeated keys and a second document are errors of the parser. */
export const readYaml = (path: string): unknown => parse(readText(path))
