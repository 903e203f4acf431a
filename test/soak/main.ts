/** `npm run test:soak`: half an hour of load and faults, and then nothing is missing, nothing counts twice, and memory is flat. */
import { randomInt } from 'node:crypto'
import { tempDir } from '@outlay/testkit'
import { describeMachine } from '../bench/shared/machine.ts'
import { optionsOrExit } from '../bench/shared/options.ts'
import { judgeSamples, readSamples, renderSamples, samplingFlags } from '../harness/process-samples.ts'
import { parseSoakOptions, USAGE } from './options.ts'
import { listOf, runSoak } from './soak.ts'

const SEEDS = 1_000_000
const MS_PER_MINUTE = 60_000
const FAILED = 1
/** Default limit and spike limit of the memory limiter: with a database that comes and goes there is a backlog to hold. */
const RSS_MIB_MAX = 512 + 128

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const { minutes, seed, sparesCollector } = optionsOrExit((args) => parseSoakOptions(args, randomInt(SEEDS)), USAGE)
const { cores, load, node } = describeMachine()
say(`seed ${seed} · ${minutes} minutes · ${cores} cores, load ${load.join(' ')}, node ${node}`)
using directory = tempDir('outlay-samples-')
const samplesFile = `${directory.path}/samples.jsonl`
const execArgv = samplingFlags(samplesFile)
const summary = await runSoak({ milliseconds: minutes * MS_PER_MINUTE, seed, say, sparesCollector, execArgv })
const samples = readSamples(samplesFile)
const { acked, unacked, stored, unackedStored, faults, differences, noDiskBecause } = summary
say(`faults: ${listOf(faults)}`)
if (noDiskBecause !== '') say(`the disk was never full, because none can be mounted here: ${noDiskBecause}`)
say(`calls acked ${acked}, sent without an ack ${unacked}, of which stored ${unackedStored}; stored ${stored}`)
say(renderSamples(samples))
say(`load ${describeMachine().load.join(' ')}`)
const problems = [...differences, ...judgeSamples(samples, RSS_MIB_MAX)]
say(problems.length === 0 ? 'No differences; memory is flat.' : problems.join('\n'))
process.exitCode = problems.length === 0 ? 0 : FAILED
