// `npm run test:outage`: the database is away for as long as `-- --minutes <n>` says, and then the books.
import { install, runPinned } from './toolchain.mjs'

install({ forTests: true })
process.exit(await runPinned(['test/soak/outage-main.ts', ...process.argv.slice(2)]))
