/** YAML for the tests of configuration files. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Path from the root of the repository. */
export const pathOf = (path: string): string => `${root}${path}`
export const readText = (path: string): string => readFileSync(pathOf(path), 'utf8')

/** The one document of a file. Repeated keys and a second document are errors of the parser. */
export const readYaml = (path: string): unknown => parse(readText(path))
