import { configDefaults, defineConfig } from 'vitest/config'

/** Needs Python and half a minute to install its packages: `npm run test:emitters-python`. */
const PYTHON = 'test/emitters-python/**'

export default defineConfig({
  test: {
    include:
      process.env['OUTLAY_TESTS'] === 'python'
        ? [`${PYTHON}/*.test.ts`]
        : ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env['OUTLAY_TESTS'] === 'python' ? [] : [PYTHON])],
    // The suites start real engines and servers: two cores, so two workers.
    maxWorkers: 2,
    globalSetup: 'test/harness/template-directory.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
