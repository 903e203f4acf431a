/** `npm run check:packages`: would the packages be fit to be published as they are? Exits with 1 where they are not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleBytes, bundleBytesOfAll, SIZE_BYTES_MAX } from './bundle-size.ts'
import { installInProject, onlyTheApi, runInProject } from './empty-project.ts'
import { packPackages } from './pack-packages.ts'
import { publishedProblems } from './published-problems.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const directory = mkdtempSync(join(tmpdir(), 'outlay-packages-'))
let problems = 0
try {
  const tarballs = await packPackages(directory)
  for (const [name, tarball] of Object.entries(tarballs)) {
    const found = await publishedProblems(tarball)
    problems += found.length
    say(`@outlay/${name}: ${found.length === 0 ? 'nothing found' : found.join('\n  ')}`)
  }
  const project = join(directory, 'empty')
  installInProject(project, tarballs, onlyTheApi())
  for (const kind of ['module', 'commonjs'] as const) {
    say(`empty ${kind} project: ${runInProject(project, kind).trim()}`)
  }
  say(`minified and compressed, without peers, at most ${SIZE_BYTES_MAX} bytes; with the main entry:`)
  for (const [entry, bytes] of Object.entries(await bundleBytes())) {
    if (bytes > SIZE_BYTES_MAX) problems += 1
    say(`  ${entry} ${bytes}`)
  }
  say(`  all at once ${await bundleBytesOfAll()}`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
process.exitCode = problems === 0 ? 0 : 1
