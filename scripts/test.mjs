// `npm test`: install, then every check. Static checks first (fast), then vitest, whose summary ends the output.
import { install, root, runPinned } from './toolchain.mjs'
import { join } from 'node:path'

const bin = (path) => join(root, 'node_modules', path)
const checks = [
  ['format', [bin('@biomejs/biome/bin/biome'), 'ci', '.']],
  ['lint', [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings']],
  ['types', [bin('typescript/bin/tsc'), '-p', 'tsconfig.json']],
  ['types of the panel’s pages', [bin('typescript/bin/tsc'), '-p', 'packages/panel/src/client']],
  ['unused code', [bin('knip/bin/knip.js')]],
  ['panel', ['packages/panel/scripts/build.ts']],
  ['tests', [bin('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]],
]

install({ forTests: true })
for (const [name, args] of checks) {
  process.stdout.write(`\n── ${name}\n`)
  const code = await runPinned(args)
  if (code !== 0) {
    process.stderr.write(`\n${name} failed (exit ${code}).\n`)
    process.exit(code)
  }
}
