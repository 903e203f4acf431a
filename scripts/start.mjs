// `npm start`: install, then run Outlay with its demo. Arguments after `--` go to `outlay up`.
import { buildPanel, install, runPinned } from './toolchain.mjs'

install()
await buildPanel()
process.exit(await runPinned(['packages/cli/src/main.ts', 'up', '--demo', ...process.argv.slice(2)]))
