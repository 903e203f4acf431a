/** Child of the crash tests: appends for ever, several records in flight, and prints each ack once it has it. */
import { writeSync } from 'node:fs'
import { openWal } from '#src/wal/index.ts'

const [directory = '', label = ''] = process.argv.slice(2)
const wal = await openWal({ directory, segmentBytes: 64 * 1024, reserveBytes: 0, retainAfterAckMs: 0 })
wal.registerConsumers(['evidence'])
const meta = { authority: 'local', rulesetId: 'carriers@1', transport: 'http' }

const appendForEver = async (lane: number): Promise<never> => {
  for (let count = 0; ; count += 1) {
    const text = `${label}/${lane}/${count};`
    // Bodies of very different sizes, so that kills hit all parts of a group.
    const filler = count % 7 === 0 ? 20_000 : (count % 5) * 100
    const outcome = await wal.append({ body: Buffer.from(text.padEnd(filler, '.')), spanCount: 1, meta })
    if (outcome.status !== 'durable') throw new Error(`append answered ${outcome.status}`)
    writeSync(1, `${outcome.lsn} ${text}\n`)
  }
}

await Promise.all(Array.from({ length: 6 }, (_, lane) => appendForEver(lane)))
