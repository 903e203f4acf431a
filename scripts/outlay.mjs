// `npm run --silent outlay -- <command>`: the command from a checkout, under the pinned Node.
import { existsSync } from 'node:fs'
import { pinnedNode, runPinned } from './toolchain.mjs'

if (!existsSync(pinnedNode)) {
  process.stderr.write('Outlay is not installed yet: run `npm start` or `npm test` once.\n')
  process.exit(3)
}
process.exit(await runPinned(['packages/cli/src/main.ts', ...process.argv.slice(2)]))
