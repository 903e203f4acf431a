// `npm run test:emitters-python`: real Python emitters, in environments of their own, through the running collector.
import { join } from 'node:path'
import { install, root, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.env.OUTLAY_TESTS = 'python'
process.exit(await runPinned([join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]))
