/** Jars of `pom.xml` and the compiled programs, each prepared once per content of what they are made from. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { fetchMavenPackages, missingTool } from '../harness/maven-packages.ts'
import { type Missing, preparedFolder } from '../harness/prepared-folder.ts'

/** Sets of packages that cannot share one class path: profiles of `pom.xml`, and folders below `programs/`. */
const PACKAGE_SETS = ['sdks', 'spring-ai', 'adk'] as const
export type PackageSet = (typeof PACKAGE_SETS)[number]

const AGENT = 'agent'
const AGENT_JAR = /^opentelemetry-javaagent-.*\.jar$/

interface JavaEnvironment {
  readonly classPaths: Readonly<Record<PackageSet, string>>
  /** The OpenTelemetry Java agent. */
  readonly agent: string
}

const HERE = import.meta.dirname
const PROGRAMS = join(HERE, 'programs')
/** From 24 on a virtual machine no longer refuses connections for its programs. */
const VERSIONS = { min: 17, max: 23 }
const COMPILE_MS_MAX = 120_000

const run = promisify(execFile)

/** The version of `java`, if it is one that the programs can run on. */
const usableVersion = async (): Promise<string | undefined> => {
  const { stdout } = await run('java', ['--version'])
  const version = /^\S+ (?<version>\d+\S*)/.exec(stdout)?.groups?.['version'] ?? ''
  const major = Number.parseInt(version, 10)
  return major >= VERSIONS.min && major <= VERSIONS.max ? version : undefined
}

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(PROGRAMS, folder))
    .filter((file) => file.endsWith('.java'))
    .map((file) => join(PROGRAMS, folder, file))

const sourcesOf = (set: PackageSet): readonly string[] => [...sourcesIn('shared'), ...sourcesIn(set)]

const jarsOf = (jars: string, set: PackageSet): string => join(jars, set, '*')

const compile = async (jars: string, classes: string): Promise<undefined> => {
  const release = ['--release', String(VERSIONS.min), '-nowarn', '-Xlint:none']
  for (const set of PACKAGE_SETS) {
    const places = ['-d', join(classes, set), '-cp', jarsOf(jars, set)]
    await run('javac', [...release, ...places, ...sourcesOf(set)], { timeout: COMPILE_MS_MAX })
  }
}

/** Rejects when a program does not compile. */
export const prepareJavaEnvironment = async (): Promise<JavaEnvironment | Missing> => {
  const lacking = await missingTool(['java', 'javac', 'mvn'])
  if (lacking !== undefined) return lacking
  const version = await usableVersion()
  if (version === undefined) return { missing: `a Java of version ${VERSIONS.min} to ${VERSIONS.max}` }
  const pom = join(HERE, 'pom.xml')
  const jars = await fetchMavenPackages({ name: 'java-emitters', pom, profiles: [AGENT, ...PACKAGE_SETS] })
  if (typeof jars !== 'string') return jars
  const classes = await preparedFolder({
    name: 'java-emitter-programs',
    madeFrom: [jars, version, ...PACKAGE_SETS.flatMap(sourcesOf).map((file) => readFileSync(file, 'utf8'))],
    prepare: (folder) => compile(jars, folder),
  })
  if (typeof classes !== 'string') return classes
  const classPathOf = (set: PackageSet): string => [join(classes, set), jarsOf(jars, set)].join(delimiter)
  const agent = readdirSync(join(jars, AGENT)).find((file) => AGENT_JAR.test(file))
  if (agent === undefined) throw new Error('BUG: pom.xml has no Java agent')
  return {
    classPaths: { sdks: classPathOf('sdks'), 'spring-ai': classPathOf('spring-ai'), adk: classPathOf('adk') },
    agent: join(jars, AGENT, agent),
  }
}
