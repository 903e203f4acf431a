/** What lies in the log of a receiver after a run. */
import { decodeTraceRequest } from '../../packages/collector/src/otlp/index.ts'
import { misplacedCanary } from '../../packages/collector/test/fuzz/canary.ts'
import type { Receiver } from '../../packages/collector/test/otlp/receiver-fixture.ts'
import type { Tally } from './tally.ts'

const READ = { recordsMax: 256, bytesMax: 4 * 1024 * 1024 }

/** Everything that was acked from a record on decodes, with as many spans as its record says, and holds no canary. Answers the next record. */
export const checkLog = async ({ wal }: Receiver, tally: Tally, from = 1n): Promise<bigint> => {
  let next = from
  while (next <= wal.durableLsn) {
    const records = await wal.read(next, READ)
    if (records.length === 0) throw new Error(`records from ${next} on cannot be read`)
    for (const { body, spanCount, lsn } of records) {
      const { spans, rejected } = decodeTraceRequest(body, { authority: 'local', receivedUnixNano: 1n })
      const misplaced = misplacedCanary(body)
      if (spans.length !== spanCount || rejected !== 0) tally.fail(Number(lsn), 'a record decodes to other spans')
      if (misplaced !== undefined) tally.fail(Number(lsn), `a record holds the canary in ${misplaced}`)
      next = lsn + 1n
    }
  }
  return next
}
