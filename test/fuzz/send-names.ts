/** Attribute names that never come twice, over sockets into a real log and decoded from there: nothing may remember them. */
import { startReceiver } from '../../packages/collector/test/otlp/receiver-fixture.ts'
import { checkLog } from './check-log.ts'
import { createGrpcSender } from './grpc-sender.ts'
import { createHttpSender } from './http-sender.ts'
import type { Share } from './messages.ts'
import { namedRequest } from './named-request.ts'
import type { Tally } from './tally.ts'

const MIB = 1024 ** 2
const OK = { HTTP: 200, gRPC: 0 } as const
/** Memory is looked at that many times, whatever the speed; growth counts from the first of them. */
const LOOKS = 4

export const sendNames = async ({ first, step, end }: Share, tally: Tally): Promise<void> => {
  await using receiver = await startReceiver({ log: { segmentBytes: 64 * MIB } })
  const senders = { HTTP: createHttpSender(receiver.port), gRPC: createGrpcSender(await receiver.listenGrpc()) }
  let unread = 1n
  const every = Math.ceil((end - first) / LOOKS)
  for (let index = first; index < end; index += step) {
    const request = namedRequest(index)
    const over = request.encoding === 'protobuf' && index % 3 === 0 ? 'gRPC' : 'HTTP'
    const startedMs = performance.now()
    const code = await senders[over].send(request)
    if (code !== OK[over]) tally.fail(index, `answered ${code} over ${over}`)
    tally.add(index, `${over} ${code}`, performance.now() - startedMs)
    if ((index - first) % every !== every - 1) continue
    unread = await checkLog(receiver, tally, unread)
    tally.report('progress')
  }
  for (const sender of Object.values(senders)) sender.close()
}
