// `npm run audit`: known weaknesses of what the product installs, as the configured registry tells them. Exit 1 where one is
// high or critical; where the registry tells nothing the audit is skipped, and says why.
import { spawnSync } from 'node:child_process'
import { PNPM, root } from './toolchain.mjs'

const GRAVE = ['high', 'critical']
const TIMEOUT_MS = 120_000

const say = (text) => process.stdout.write(`${text}\n`)

/** Advisories by their id; a text is why there are none to read. */
const readAdvisories = () => {
  const { stdout, stderr, error, signal } = spawnSync('npx', ['--yes', PNPM, 'audit', '--prod', '--json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    shell: process.platform === 'win32',
  })
  if (error !== undefined || signal !== null) return `pnpm did not end: ${error?.code ?? signal}`
  try {
    const { advisories } = JSON.parse(stdout)
    if (typeof advisories === 'object' && advisories !== null) return Object.values(advisories)
  } catch {
    // What it says instead is no JSON.
  }
  const said = `${stdout}${stderr}`
  const status = /responded with (\d{3})/.exec(said)?.[1]
  return `${/ERR_PNPM_[A-Z_]+/.exec(said)?.[0] ?? 'no answer that is JSON'}${status === undefined ? '' : ` (${status})`}`
}

const advisories = readAdvisories()
if (typeof advisories === 'string') {
  say(`Audit skipped: the registry gives no advisories: ${advisories}.`)
  process.exit(0)
}
for (const { severity, module_name: name, vulnerable_versions: versions, title, url } of advisories) {
  say(`${severity}: ${name} ${versions}: ${title} ${url}`)
}
const grave = advisories.filter(({ severity }) => GRAVE.includes(severity))
say(`${advisories.length} advisories for what the product installs, ${grave.length} of them high or critical.`)
process.exit(grave.length === 0 ? 0 : 1)
