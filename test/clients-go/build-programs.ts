/** Once per run of vitest: the programs, so that no two files of tests build them beside each other. */
import type { TestProject } from 'vitest/node'
import { type GoPrograms, prepareGoPrograms } from './go-programs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    goPrograms: GoPrograms
  }
}

export default async (project: TestProject): Promise<void> => {
  const programs = await prepareGoPrograms()
  if ('missing' in programs) {
    process.stderr.write(`Clients written in Go are skipped: this machine lacks ${programs.missing}.\n`)
  }
  project.provide('goPrograms', programs)
}
