/** T5: how long a collector takes to open a large log and to know the requests of its last minutes, after a restart. */
import { randomFillSync } from 'node:crypto'
import { openWal } from '../../../packages/collector/src/wal/index.ts'
import { describeMachine } from '../shared/machine.ts'
import { startChild } from './child.ts'
import type { Restarted, RestartedQuestion } from './messages.ts'

const GIB = 1024 ** 3
const MS_PER_SECOND = 1_000
/** Goal for 5 GiB, whatever the records are. */
const SECONDS_PER_GIB_MAX = 2
const APPENDED_AT_ONCE_BYTES = 8 * 1024 ** 2

interface Restart {
  readonly gib: number
  readonly directory: string
  readonly say: (line: string) => void
}

/** Records as a stripped request makes them, of one span and of 512. */
const RECORDS = [
  { spanCount: 1, bytes: 850 },
  { spanCount: 512, bytes: 412_000 },
] as const

type RecordKind = (typeof RECORDS)[number]

const fill = async (directory: string, { spanCount, bytes }: RecordKind, gib: number): Promise<number> => {
  const wal = await openWal({ directory, bytesMax: 2 * gib * GIB })
  const meta = { authority: 'local', rulesetId: '1', transport: 'http' }
  const count = Math.ceil((gib * GIB) / bytes)
  const atOnce = Math.ceil(APPENDED_AT_ONCE_BYTES / bytes)
  for (let first = 0; first < count; first += atOnce) {
    const bodies = randomFillSync(Buffer.allocUnsafe(bytes * Math.min(atOnce, count - first)))
    const appends = Array.from({ length: bodies.length / bytes }, (_, index) =>
      wal.append({ body: bodies.subarray(index * bytes, (index + 1) * bytes), spanCount, meta }),
    )
    for (const { status } of await Promise.all(appends)) {
      if (status !== 'durable') throw new Error(`the log answered ${status}`)
    }
  }
  await wal.close()
  return count
}

/** In a process of its own, as a restart is: this one has the garbage of writing the log. */
const restarted = async (question: RestartedQuestion): Promise<Restarted> => {
  const child = await startChild<RestartedQuestion>('restarted.ts')
  const answer = (await child.ask(question)) as Restarted
  await child.end()
  return answer
}

/** Resolves with what is not as it should be, one line each. */
export const runRestart = async ({ gib, directory, say }: Restart): Promise<readonly string[]> => {
  const { at, cores, node, load } = describeMachine()
  say(`${at} · restart with ${gib} GiB of log · ${cores} cores, load ${load.join(' ')}, node ${node}`)
  const problems: string[] = []
  for (const kind of RECORDS) {
    const name = `records of ${kind.spanCount} ${kind.spanCount === 1 ? 'span' : 'spans'}`
    const log = `${directory}/log-${kind.spanCount}`
    const written = await fill(log, kind, gib)
    const { openingMs, readyMs, records, lost } = await restarted({ directory: log, bytesMax: 2 * gib * GIB })
    const seconds = readyMs / MS_PER_SECOND
    const opening = (openingMs / MS_PER_SECOND).toFixed(1)
    say(`${name}: ready after ${seconds.toFixed(1)} s, ${opening} of them opening; ${records} records`)
    if (records !== written || lost) problems.push(`${name}: ${written} written, ${records} found`)
    if (seconds > SECONDS_PER_GIB_MAX * gib) {
      problems.push(`${name}: ready after ${seconds.toFixed(1)} s, later than ${SECONDS_PER_GIB_MAX * gib}`)
    }
  }
  say(problems.length === 0 ? 'Everything is there, in time.' : problems.join('\n'))
  return problems
}
