/** Once per run of vitest and project of its configuration: an empty directory for the templates of ledgers, so that none outlives the code that made it. */
import { tempDir } from '@outlay/testkit'
import { mkdirSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { TEMPLATES_VARIABLE } from './ledger-templates.ts'

export default (project: TestProject): (() => void) => {
  const directory = tempDir('outlay-templates-')
  process.env[TEMPLATES_VARIABLE] = directory.path
  project.onTestsRerun(() => {
    directory.remove()
    mkdirSync(directory.path)
  })
  return () => directory.remove()
}
