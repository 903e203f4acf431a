import { configDefaults, defineConfig } from 'vitest/config'
import { SlowFilesFirst } from './test/harness/slow-files-first.ts'

/** Suites of their own: other languages, and the minutes that it takes to install or build what they need. */
const APART = {
  /** `npm run test:emitters-python` */
  python: 'test/emitters-python/**',
  /** `npm run test:emitters-java` */
  java: 'test/emitters-java/**',
  /** `npm run test:clients-go` */
  go: 'test/clients-go/**',
  /** `npm run test:emitters-go` */
  'emitters-go': 'test/emitters-go/**',
  /** `npm run test:emitters-rust` */
  'emitters-rust': 'test/emitters-rust/**',
  /** `npm run test:brokers` */
  brokers: 'test/propagation/brokers/**',
} as const
const EVERY_TEST = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts']
/** They patch other makers' clients and register tracers, for all of a process. */
const PATCHES_MODULES = [
  'packages/instrumentation/test/**/*.test.ts',
  'test/propagation/*.test.ts',
  'test/emitters/contract/*.test.ts',
  'test/e2e/eight-kpis.test.ts',
]

const asked = process.env['OUTLAY_TESTS']
const apart = Object.entries(APART).find(([name]) => name === asked)?.[1]
const exclude = [...configDefaults.exclude, ...(apart === undefined ? Object.values(APART) : [])]

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
          include: apart === undefined ? EVERY_TEST : [`${apart}/*.test.ts`],
          exclude: [...exclude, ...PATCHES_MODULES],
          globalSetup: [
            'test/harness/template-directory.ts',
            ...(asked === 'go' ? ['test/clients-go/build-programs.ts'] : []),
            ...(asked === 'brokers' ? ['test/propagation/brokers/prepared-brokers.ts'] : []),
          ],
          // Nothing here is changed for a whole process; to load every module anew for each file took a fifth of the time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'patches',
          include: apart === undefined ? PATCHES_MODULES : [],
          exclude,
          globalSetup: 'test/harness/template-directory.ts',
        },
      },
    ],
  },
})
