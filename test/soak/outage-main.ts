/** `npm run test:outage`: the database is away for a while; nothing is missing afterwards, and nothing counts twice. */
import { randomInt } from 'node:crypto'
import { describeMachine } from '../bench/shared/machine.ts'
import { optionsOrExit } from '../bench/shared/options.ts'
import { OUTAGE_USAGE, parseOutageOptions } from './options.ts'
import { lineOf, runOutage } from './outage.ts'
import { listOf } from './soak.ts'

const SEEDS = 1_000_000
const MS_PER_MINUTE = 60_000
const MIB = 1_048_576
const FAILED = 1

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const { minutes, pauseMs, seed } = optionsOrExit((args) => parseOutageOptions(args, randomInt(SEEDS)), OUTAGE_USAGE)
const { cores, load, node } = describeMachine()
say(`seed ${seed} · away for ${minutes} minutes · ${cores} cores, load ${load.join(' ')}, node ${node}`)
const summary = await runOutage({ outageMs: minutes * MS_PER_MINUTE, pauseMsMax: pauseMs, seed, say })
const {
  books,
  refused,
  before,
  during,
  after,
  peak,
  saidHealth,
  drainSeconds,
  drainInserts,
  parts,
  verify,
  differences,
} = summary
say(
  `calls acked ${books.acked}, not acked ${books.unacked}, stored ${books.stored}; attempts without an OK: ${listOf(refused) || 'none'}`,
)
say(`before: ${lineOf(before)}`)
say(`at the end of the outage: ${lineOf(during)}`)
say(`after: ${lineOf(after)}`)
say(
  `most: log ${(peak.walBytes / MIB).toFixed(1)} MiB, backlog ${peak.backlogRecords} records, rss ${(peak.rssBytes / MIB).toFixed(1)} MiB`,
)
say(`probes while it was away: ${listOf(saidHealth)}`)
say(
  `drained in ${drainSeconds.toFixed(0)} s by ${drainInserts.spans} inserts into spans and ${drainInserts.calls} into calls; active parts by table, most and last:`,
)
for (const { table, activeMost, active } of parts) say(`  ${table} ${activeMost}, ${active}`)
say(`outlay verify ended with ${verify.code}:\n${verify.stdout.trimEnd()}`)
say(`load ${describeMachine().load.join(' ')}`)
say(differences.length === 0 ? 'No differences.' : `${differences.length} differences:\n${differences.join('\n')}`)
process.exitCode = differences.length === 0 ? 0 : FAILED
