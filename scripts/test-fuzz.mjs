// `npm run test:fuzz`: a million mutated trace requests against the receive path of the collector. Options after `--`.
import { install, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.exit(await runPinned(['test/fuzz/main.ts', ...process.argv.slice(2)]))
