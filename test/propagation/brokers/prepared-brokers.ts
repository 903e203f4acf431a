/** What the tests of this folder need, made ready once per run of vitest: a Temporal server and a Kafka broker, or what is missing. */
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildGoModule } from '../../harness/go-module.ts'
import { fetchMavenPackages } from '../../harness/maven-packages.ts'
import type { Missing } from '../../harness/prepared-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The program. */
    temporalServer: string | Missing
    /** The folder with its jars. */
    kafkaJars: string | Missing
  }
}

const HERE = import.meta.dirname

const buildTemporalServer = async (): Promise<string | Missing> => {
  const directory = join(HERE, 'temporal-server')
  const folder = await buildGoModule({ name: 'temporal-server', directory, packages: ['.'] })
  return typeof folder === 'string' ? join(folder, 'temporal-server') : folder
}

const fetchKafka = (): Promise<string | Missing> =>
  fetchMavenPackages({ name: 'kafka-jars', pom: join(HERE, 'kafka/pom.xml') })

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
