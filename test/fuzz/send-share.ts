/** Bodies over sockets to real servers with a real log, and then what lies in that log. */
import { decodeTraceRequest } from '../../packages/collector/src/otlp/index.ts'
import { misplacedCanary } from '../../packages/collector/test/fuzz/canary.ts'
import { createCases } from '../../packages/collector/test/fuzz/cases.ts'
import { readCorpus } from '../../packages/collector/test/fuzz/corpus.ts'
import { type Receiver, startReceiver } from '../../packages/collector/test/otlp/receiver-fixture.ts'
import { createGrpcSender } from './grpc-sender.ts'
import { createHttpSender, type Sender } from './http-sender.ts'
import type { Share } from './messages.ts'
import type { Tally } from './tally.ts'

const LANES = 16
/** Longest wait for one answer. */
const ANSWER_MS_MAX = 15_000

const withinTime = async (answer: Promise<number>): Promise<number> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

const READ = { recordsMax: 256, bytesMax: 4 * 1024 * 1024 }

/** Everything that was acked decodes, with as many spans as its record says, and holds no canary. */
const checkLog = async ({ wal }: Receiver, tally: Tally): Promise<void> => {
  let next = 1n
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
}

export const sendShare = async ({ seed, first, step, end }: Share, tally: Tally): Promise<void> => {
  const cases = createCases(seed, readCorpus())
  let internal = ''
  await using receiver = await startReceiver({
    log: { segmentBytes: 64 * 1024 * 1024 },
    onInternalError: (error) => {
      internal = `, ${error instanceof Error ? error.stack : 'no error'}`
    },
  })
  const http = createHttpSender(receiver.port)
  const grpc = createGrpcSender(await receiver.listenGrpc())
  let next = first
  const lane = async (): Promise<void> => {
    while (next < end) {
      const index = next
      next += step
      const fuzzCase = cases.at(index)
      const [name, sender]: [string, Sender] =
        fuzzCase.encoding === 'protobuf' && index % 3 === 0 ? ['gRPC', grpc] : ['HTTP', http]
      const startedMs = performance.now()
      let outcome = 'failed'
      try {
        outcome = `${name} ${await withinTime(sender.send(fuzzCase))}`
      } catch (error) {
        tally.fail(index, `${name}: ${String(error)}${internal}`)
      }
      tally.add(index, outcome, performance.now() - startedMs)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  http.close()
  grpc.close()
  await checkLog(receiver, tally)
}
