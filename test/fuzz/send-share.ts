/** Bodies over sockets to real servers with a real log, and then what lies in that log. */
import { createCases } from '../../packages/collector/test/fuzz/cases.ts'
import { readCorpus } from '../../packages/collector/test/fuzz/corpus.ts'
import { startReceiver } from '../../packages/collector/test/otlp/receiver-fixture.ts'
import { checkLog } from './check-log.ts'
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
