/** What the tests of this folder need, made ready once per run of vitest: a Temporal server and a Kafka broker, or what is missing. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { buildGoModule } from '../../harness/go-module.ts'
import { type Missing, preparedFolder } from '../../harness/prepared-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The program. */
    temporalServer: string | Missing
    /** The folder with its jars. */
    kafkaJars: string | Missing
  }
}

const HERE = import.meta.dirname
const FETCH_MS_MAX = 600_000

const buildTemporalServer = async (): Promise<string | Missing> => {
  const directory = join(HERE, 'temporal-server')
  const folder = await buildGoModule({ name: 'temporal-server', directory, packages: ['.'] })
  return typeof folder === 'string' ? join(folder, 'temporal-server') : folder
}

const fetchJars = async (folder: string): Promise<string | undefined> => {
  const options = [`-DoutputDirectory=${folder}`, '-DincludeScope=runtime']
  const args = ['--quiet', '--batch-mode', '--file', join(HERE, 'kafka/pom.xml'), 'dependency:copy-dependencies']
  try {
    await promisify(execFile)('mvn', [...args, ...options], { timeout: FETCH_MS_MAX })
    return undefined
  } catch (error) {
    return `a Maven repository (${(error as Error).message.split('\n').at(-1) ?? ''})`
  }
}

const fetchKafka = async (): Promise<string | Missing> => {
  const tools = ['java', 'mvn']
  for (const tool of tools) {
    const isThere = await promisify(execFile)(tool, ['--version']).then(
      () => true,
      () => false,
    )
    if (!isThere) return { missing: `${tool} on the PATH` }
  }
  const madeFrom = [readFileSync(join(HERE, 'kafka/pom.xml'), 'utf8')]
  return preparedFolder({ name: 'kafka-jars', madeFrom, prepare: fetchJars })
}

export default async (project: TestProject): Promise<void> => {
  const [temporalServer, kafkaJars] = [await buildTemporalServer(), await fetchKafka()]
  for (const [what, found] of [
    ['Temporal', temporalServer],
    ['Kafka', kafkaJars],
  ] as const) {
    if (typeof found !== 'string') {
      process.stderr.write(`The tests with ${what} are skipped: this machine lacks ${found.missing}.\n`)
    }
  }
  project.provide('temporalServer', temporalServer)
  project.provide('kafkaJars', kafkaJars)
}
