/** What the licenses of packages that are built into ours ask for: their text, beside the code. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Foreign {
  readonly name: string
  readonly version: string
}

const IN_PACKAGES = '/node_modules/'
const NOTICES = ['LICENSE', 'NOTICE']

/** The folder with the manifest of the package that a module is of. */
const packageOf = (module: string): string => {
  let directory = dirname(module)
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return directory
}

/** `[name and version, text]` */
const licenseOf = (directory: string): readonly [title: string, text: string] => {
  const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Foreign
  const texts = NOTICES.map((file) => join(directory, file)).filter((file) => existsSync(file))
  if (texts.length === 0)
    throw new Error(`${name} ${version} is built in and has no file LICENSE: add its text by hand`)
  return [`${name} ${version}`, texts.map((file) => readFileSync(file, 'utf8').trim()).join('\n\n')]
}

/** One text with the licenses of all packages that `modules`, as absolute paths, are from, each once; empty where all is ours. */
export const licensesOf = (modules: readonly string[]): string => {
  const directories = new Set(modules.filter((module) => module.includes(IN_PACKAGES)).map(packageOf))
  const titles = Map.groupBy([...directories].toSorted().map(licenseOf), ([, text]) => text)
  return [...titles]
    .map(([text, of]) => `${of.map(([title]) => title).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}
