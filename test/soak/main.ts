/** `npm run test:soak`: half an hour of load and faults, and then nothing is missing and nothing counts twice. */
import { randomInt } from 'node:crypto'
import { describeMachine } from '../bench/shared/machine.ts'
import { optionsOrExit } from '../bench/shared/options.ts'
import { parseSoakOptions, USAGE } from './options.ts'
import { listOf, runSoak } from './soak.ts'

const SEEDS = 1_000_000
const MS_PER_MINUTE = 60_000
const FAILED = 1

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const { minutes, seed } = optionsOrExit((args) => parseSoakOptions(args, randomInt(SEEDS)), USAGE)
const { cores, load, node } = describeMachine()
say(`seed ${seed} · ${minutes} minutes · ${cores} cores, load ${load.join(' ')}, node ${node}`)
const summary = await runSoak({ milliseconds: minutes * MS_PER_MINUTE, seed, say })
const { acked, unacked, stored, unackedStored, faults, differences, noDiskBecause } = summary
say(`faults: ${listOf(faults)}`)
if (noDiskBecause !== '') say(`the disk was never full, because none can be mounted here: ${noDiskBecause}`)
say(`calls acked ${acked}, sent without an ack ${unacked}, of which stored ${unackedStored}; stored ${stored}`)
say(`load ${describeMachine().load.join(' ')}`)
say(differences.length === 0 ? 'No differences.' : `${differences.length} differences:\n${differences.join('\n')}`)
process.exitCode = differences.length === 0 ? 0 : FAILED
