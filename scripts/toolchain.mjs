// Runs on any Node >= 20: installs the workspace with a pinned pnpm, then continues under the pinned Node.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALLOCATOR_ENVIRONMENT, NODE_FLAGS } from './node-memory.mjs'

export const PNPM = 'pnpm@12.21.0'
export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node')
const stamp = join(root, 'node_modules', '.outlay-installed')
/** Types are stripped and code compiled once, not at every start: halves the start of a command. */
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node')

const lockDigest = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')

/** Packages that tests alone need: instrumentations of other makers, queues, and what the examples are made with. */
const TESTS_ONLY = ['@outlay/emitters', '@outlay/propagation', '@outlay/example-*']

/** Installs the locked tree, unless this very lock file is installed already; what only tests need, only for them. */
export const install = ({ forTests = false } = {}) => {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 20) {
    process.stderr.write(`Outlay needs Node 20 or newer to install itself; this is ${process.versions.node}.\n`)
    process.exit(2)
  }
  const product = lockDigest()
  const everything = `${product} with tests`
  const installed = existsSync(pinnedNode) && existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (installed === everything || (installed === product && !forTests)) return
  process.stderr.write('Installing (pinned Node, pnpm tree)…\n')
  const scope = forTests ? [] : TESTS_ONLY.map((name) => `--filter=!${name}`)
  const result = spawnSync(
    'npx',
    ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=error', ...scope],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  )
  if (result.status !== 0) {
    process.stderr.write('Installing failed; the lines above say why. Is the npm registry reachable?\n')
    process.exit(result.status ?? 1)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, forTests ? everything : product)
}

/** Runs `outlay` with these arguments; resolves with its exit code. */
export const runOutlay = (args) => {
  const command = ['packages/cli/src/main.ts', ...args]
  return args[0] === 'up'
    ? runPinned([...NODE_FLAGS, ...command], { environment: ALLOCATOR_ENVIRONMENT })
    : runPinned(command)
}

/** Builds the pages of the panel unless they are up to date. A failure is said there; everything else works without. */
export const buildPanel = () => runPinned(['packages/panel/scripts/build.ts'])

const pinnedEnvironment = () => ({ ...process.env, NODE_COMPILE_CACHE: compileCache })

/**
 * Runs a script under the pinned Node, passing signals on; resolves with its exit code. Ends it when `signal` fires.
 */
export const runPinned = (args, { signal, environment = {} } = {}) =>
  new Promise((resolve) => {
    const env = { ...pinnedEnvironment(), ...environment }
    const child = spawn(pinnedNode, args, { cwd: root, stdio: 'inherit', env })
    const forward = (name) => child.kill(name)
    const end = () => child.kill('SIGTERM')
    signal?.addEventListener('abort', end, { once: true })
    // A terminal's Ctrl-C reaches the whole group already: swallow it here so that the child decides when to end.
    process.on('SIGINT', () => undefined)
    process.on('SIGTERM', forward)
    child.on('exit', (code, name) => {
      process.off('SIGTERM', forward)
      signal?.removeEventListener('abort', end)
      resolve(code ?? (name === null ? 1 : 128))
    })
  })

/** Runs a script under the pinned Node for what it prints; resolves with its exit code and that. */
export const runQuietly = (args, { signal } = {}) =>
  new Promise((resolve) => {
    const child = spawn(pinnedNode, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: pinnedEnvironment() })
    const chunks = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk))
    const end = () => child.kill('SIGTERM')
    signal?.addEventListener('abort', end, { once: true })
    process.on('SIGTERM', end)
    child.on('close', (code) => {
      process.off('SIGTERM', end)
      signal?.removeEventListener('abort', end)
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') })
    })
  })
