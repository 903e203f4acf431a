// `npm test`: install, then every check. Static checks run beside vitest, whose summary ends the output; the first check that
// fails ends the others.
import { install, root, runPinned, runQuietly } from './toolchain.mjs'
import { join } from 'node:path'

const bin = (path) => join(root, 'node_modules', path)
const staticChecks = [
  ['format', [bin('@biomejs/biome/bin/biome'), 'ci', '.']],
  ['lint', [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings']],
  ['types', [bin('typescript/bin/tsc'), '-p', 'tsconfig.json']],
  ['types of the panel’s pages', [bin('typescript/bin/tsc'), '-p', 'packages/panel/src/client']],
  ['types of the Next.js example', [bin('typescript/bin/tsc'), '-p', 'examples/nextjs-ai-sdk', '--noEmit']],
  ['unused code', [bin('knip/bin/knip.js')]],
]

const failed = (name, code) => {
  process.stderr.write(`\n${name} failed (exit ${code}).\n`)
  return code
}

/** One after the other: each of them takes every core that is left. Answers the exit code of the first that fails, or 0. */
const runStaticChecks = async (signal) => {
  for (const [name, args] of staticChecks) {
    const { code, output } = await runQuietly(args, { signal })
    if (signal.aborted) return 0
    process.stdout.write(`\n── ${name}${code === 0 ? ': nothing found' : `\n${output}`}\n`)
    if (code !== 0) return failed(name, code)
  }
  return 0
}

install({ forTests: true })
const panelCode = await runPinned(['packages/panel/scripts/build.ts'])
if (panelCode !== 0) process.exit(failed('panel', panelCode))

const stopTests = new AbortController()
const stopChecks = new AbortController()
const checks = runStaticChecks(stopChecks.signal).then((code) => {
  if (code !== 0) stopTests.abort()
  return code
})
process.stdout.write('\n── tests\n')
const testsCode = await runPinned([bin('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], {
  signal: stopTests.signal,
})
if (testsCode !== 0 && !stopTests.signal.aborted) {
  stopChecks.abort()
  process.exit(failed('tests', testsCode))
}
process.exit(await checks)
