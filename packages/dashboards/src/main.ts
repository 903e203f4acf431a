/** `npm run generate`: writes the generated files of `deploy/`. Files that are no longer generated are left to the diff test. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildFiles } from './build.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const files = buildFiles()
for (const [path, text] of files) {
  mkdirSync(dirname(`${root}${path}`), { recursive: true })
  writeFileSync(`${root}${path}`, text)
}
console.log(`${files.size} files written`)
