// `npm run test:brokers`: attribution through a real Temporal server and a real Kafka broker, fetched or built once.
import { join } from 'node:path'
import { install, root, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.env.OUTLAY_TESTS = 'brokers'
process.exit(await runPinned([join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]))
