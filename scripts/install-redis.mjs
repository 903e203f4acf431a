// For CI: installs Debian's Redis where there is none and this is root; elsewhere it says what is missing. Never fails: the
// test that needs a queue then says that it did not run.
import { spawnSync } from 'node:child_process'

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
const say = (text) => process.stdout.write(`${text}\n`)

if (has('redis-server')) say('Redis is here.')
else if (process.getuid?.() !== 0 || !has('apt-get')) {
  say('No Redis, and no right to install it here: the test of BullMQ will be left out.')
} else {
  say('Installing Redis…')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const installed = run(['update']) && run(['install', '-y', '--no-install-recommends', 'redis-server'])
  if (!installed) say('Redis could not be installed: the test of BullMQ will be left out.')
}
