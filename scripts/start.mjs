// `npm start`: install, then run Outlay with its demo. Arguments after `--` go to `outlay up`.
import { buildPanel, install, runOutlay } from './toolchain.mjs'

install()
await buildPanel()
process.exit(await runOutlay(['up', '--demo', ...process.argv.slice(2)]))
