import { configDefaults, defineConfig } from 'vitest/config'
import { SlowFilesFirst } from './test/harness/slow-files-first.ts'

/** Needs Python and half a minute to install its packages: `npm run test:emitters-python`. */
const PYTHON = 'test/emitters-python/**'
const EVERY_TEST = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts']
/** They patch other makers' clients and register tracers, for all of a process. */
const PATCHES_MODULES = [
  'packages/instrumentation/test/**/*.test.ts',
  'test/propagation/*.test.ts',
  'test/emitters/contract/*.test.ts',
  'test/e2e/eight-kpis.test.ts',
]

const isPython = process.env['OUTLAY_TESTS'] === 'python'
const exclude = [...configDefaults.exclude, ...(isPython ? [] : [PYTHON])]

export default defineConfig({
  test: {
    // The suites start real engines and servers: two cores, so two workers.
    maxWorkers: 2,
    sequence: { sequencer: SlowFilesFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'suites',
          include: isPython ? [`${PYTHON}/*.test.ts`] : EVERY_TEST,
          exclude: [...exclude, ...PATCHES_MODULES],
          globalSetup: 'test/harness/template-directory.ts',
          // Nothing here is changed for a whole process; to load every module anew for each file took a fifth of the time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'patches',
          include: isPython ? [] : PATCHES_MODULES,
          exclude,
          globalSetup: 'test/harness/template-directory.ts',
        },
      },
    ],
  },
})
