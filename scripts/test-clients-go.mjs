// `npm run test:clients-go`: real clients written in Go, built once per content of them, against the running collector.
import { join } from 'node:path'
import { install, root, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.env.OUTLAY_TESTS = 'go'
process.exit(await runPinned([join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]))
