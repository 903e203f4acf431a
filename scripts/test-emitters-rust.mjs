// `npm run test:emitters-rust`: real Rust emitters, built once per content of their crate, through the running collector.
import { join } from 'node:path'
import { install, root, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.env.OUTLAY_TESTS = 'emitters-rust'
process.exit(await runPinned([join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]))
