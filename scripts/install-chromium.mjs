// For CI: installs Debian's Chromium where there is none and this is root; elsewhere it says what is missing. Never fails:
// the tests that need a browser then say that they did not run.
import { spawnSync } from 'node:child_process'

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
const say = (text) => process.stdout.write(`${text}\n`)

if (has('chromium')) say('Chromium is here.')
else if (process.getuid?.() !== 0 || !has('apt-get')) {
  say('No Chromium, and no right to install it here: the browser tests of the panel will be left out.')
} else {
  say('Installing Chromium…')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const installed = run(['update']) && run(['install', '-y', '--no-install-recommends', 'chromium'])
  if (!installed) say('Chromium could not be installed: the browser tests of the panel will be left out.')
}
