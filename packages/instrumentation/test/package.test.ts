/** Would the packages be fit to be published as they are? The same questions as `npm run check:packages`. */
import { join } from 'node:path'
import { tempDir } from '@outlay/testkit'
import { afterAll, expect, test } from 'vitest'
import { SCOPE_VERSION } from '#src/scope.ts'
import { manifestOf, PUBLISHED } from '../scripts/build-packages.ts'
import { bundleBytes, SIZE_BYTES_MAX } from '../scripts/bundle-size.ts'
import { installInProject, onlyTheApi, runInProject } from '../scripts/empty-project.ts'
import { packPackages } from '../scripts/pack-packages.ts'
import { publishedProblems } from '../scripts/published-problems.ts'

const directory = tempDir('outlay-packages-')
afterAll(() => directory.remove())
const tarballs = await packPackages(directory.path)

test.each(PUBLISHED)('linters of the registry find nothing in the tarball of %s', async (name) => {
  expect(await publishedProblems(tarballs[name])).toEqual([])
})

test('an empty project installs them, and compiles and runs against them as ESM and as CommonJS', () => {
  const project = join(directory.path, 'empty')
  installInProject(project, tarballs, onlyTheApi())
  for (const kind of ['module', 'commonjs'] as const) {
    expect(runInProject(project, kind)).toBe('attributed to acme mine batch\n')
  }
})

test('the main entry alone, and each other one with it, stay within their size, everything but the peers counted', async () => {
  const tooLarge = Object.entries(await bundleBytes()).filter(([, bytes]) => bytes >= SIZE_BYTES_MAX)
  expect(tooLarge).toEqual([])
})

test('the api of OpenTelemetry is the app’s own copy: a second one would not see its context', () => {
  const { dependencies, peerDependencies } = manifestOf('instrumentation')
  expect(dependencies).not.toHaveProperty('@opentelemetry/api')
  expect(peerDependencies).toHaveProperty('@opentelemetry/api')
})

test('spans name the version that is published', () => {
  expect(SCOPE_VERSION).toBe(manifestOf('instrumentation').version)
})
