// `npm run --silent outlay -- <command>`: the command from a checkout, under the pinned Node.
import { existsSync } from 'node:fs'
import { buildPanel, pinnedNode, runOutlay } from './toolchain.mjs'

if (!existsSync(pinnedNode)) {
  process.stderr.write('Outlay is not installed yet: run `npm start` or `npm test` once.\n')
  process.exit(3)
}
if (process.argv[2] === 'up') await buildPanel()
process.exit(await runOutlay(process.argv.slice(2)))
