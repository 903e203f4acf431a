// `npm run test:emitters-java`: real Java emitters, in virtual machines of their own, through the running collector.
import { join } from 'node:path'
import { install, root, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.env.OUTLAY_TESTS = 'java'
process.exit(await runPinned([join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]))
