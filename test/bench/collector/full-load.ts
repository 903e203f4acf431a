/** T7: the whole way at full load for minutes, and whether the collector's memory stays flat and its event loop in time. */
import { judgeSamples, readSamples, renderSamples, samplingFlags } from '../../harness/process-samples.ts'
import { describeMachine } from '../shared/machine.ts'
import { startChild } from './child.ts'
import { startEndToEnd } from './end-to-end.ts'
import { startBenchEngine } from './engine.ts'
import type { SenderQuestion } from './messages.ts'

const MS_PER_MINUTE = 60_000
const MS_PER_SECOND = 1_000
/** Goal for a collector without its engine, which has a process of its own. */
const RSS_MIB_MAX = 300

interface FullLoad {
  readonly minutes: number
  readonly directory: string
  readonly say: (line: string) => void
}

/** Resolves with what is not as it should be, one line each. */
export const runFullLoad = async ({ minutes, directory, say }: FullLoad): Promise<readonly string[]> => {
  const { at, cores, node, load } = describeMachine()
  say(`${at} · full load for ${minutes} minutes · ${cores} cores, load ${load.join(' ')}, node ${node}`)
  const samplesFile = `${directory}/samples.jsonl`
  const sender = await startChild<SenderQuestion>('sender.ts')
  let salt = 1
  const engine = await startBenchEngine(directory)
  const endToEnd = await startEndToEnd({
    sender,
    engine,
    directory,
    execArgv: samplingFlags(samplesFile),
    nextSalt: (requests) => {
      salt += requests
      return salt - requests
    },
    // The log keeps for 15 minutes what is in the database: on a fast machine that is more than its whole size.
    wal: { retainAfterAckMs: 0 },
  })
  try {
    const startedMs = performance.now()
    const spans = await endToEnd.load(minutes * MS_PER_MINUTE, say)
    const seconds = (performance.now() - startedMs) / MS_PER_SECOND
    const samples = readSamples(samplesFile)
    const problems = judgeSamples(samples, RSS_MIB_MAX)
    say(`${spans} spans in ${seconds.toFixed(0)} s: ${(spans / seconds).toFixed(0)} a second; each is stored, once`)
    say(renderSamples(samples))
    say(`load ${describeMachine().load.join(' ')}`)
    say(problems.length === 0 ? 'Memory is flat, and the event loop in time.' : problems.join('\n'))
    return problems
  } finally {
    await endToEnd.close()
    await engine.close()
    await sender.end()
  }
}
