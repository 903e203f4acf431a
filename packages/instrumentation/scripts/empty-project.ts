/** Apps of somebody else's: our tarballs and what such an app has beside them, installed by npm, which refuses peers that do not fit. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifestOf } from './build-packages.ts'
import type { Tarballs } from './pack-packages.ts'

const compiler = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc')
const types = join(import.meta.dirname, '../../../node_modules/@types')

export type ModuleKind = 'module' | 'commonjs'

/** Uses types and values, and fails unless the context that the app sees is the one that we write to. */
const PROGRAM = `import { context, createContextKey } from '@opentelemetry/api'
import { type Attribution, configureAttribution, currentAttribution, registerOutlay, withAttribution } from '@outlay/instrumentation'

const attribution: Attribution = { tenant: 'acme', feature: 'inbox', workload: 'chat' }
const outlay = registerOutlay({ endpoint: 'http://127.0.0.1:4318', serviceName: 'empty' })
configureAttribution({ require: ['tenant'] })
const key = createContextKey('app')
const seen: string | undefined = context.with(context.active().setValue(key, 'mine'), () =>
  withAttribution(attribution, () => currentAttribution().tenant + ' ' + String(context.active().getValue(key))),
)
if (seen !== 'acme mine') throw new Error('two contexts: ' + seen)
// @ts-expect-error a workload that does not exist
const wrong: Attribution = { workload: 'batch' }
void outlay.shutdown().then(() => console.log('attributed to', seen, wrong.workload))
`

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

type Dependencies = Readonly<Record<string, string>>

/** The newest api that the package takes, and nothing else. */
export const onlyTheApi = (): Dependencies => ({
  '@opentelemetry/api': manifestOf('instrumentation').peerDependencies?.['@opentelemetry/api'] ?? '',
})

/** Installs the tarballs and what else the app has into `directory`. Throws what npm says where they do not fit. */
export const installInProject = (directory: string, tarballs: Tarballs, dependencies: Dependencies): void => {
  mkdirSync(directory, { recursive: true })
  const local = Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [`@outlay/${name}`, `file:${path}`]))
  const manifest = {
    name: 'app',
    private: true,
    dependencies: { ...local, ...dependencies },
    // None of them is in the registry under this version.
    overrides: local,
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], directory)
}

/** Checks the types of a program and compiles it, as a module of `kind` of the project; answers what to run. */
export const compileInProject = (project: string, kind: ModuleKind, program = PROGRAM): string => {
  const directory = join(project, kind)
  mkdirSync(directory)
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    types: ['node'],
    typeRoots: [types],
    outDir: 'out',
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: kind }))
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  writeFileSync(join(directory, 'program.ts'), program)
  run(process.execPath, [compiler, '-p', directory], directory)
  return join(directory, 'out/program.js')
}

/** Runs the program that uses the package alone; answers what it printed. */
export const runInProject = (project: string, kind: ModuleKind): string => {
  const file = compileInProject(project, kind)
  return run(process.execPath, [file], project)
}
