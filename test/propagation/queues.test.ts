/** Attribution through real queue libraries: whoever queued the job pays for the calls of the worker. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { PGlite } from '@electric-sql/pglite'
import type { KafkaMessage, Message as OutgoingKafkaMessage } from 'kafkajs'
import { fromPglite, PgBoss } from 'pg-boss'
import { expect, test } from 'vitest'
import { type ActiveAttribution, currentAttribution, withAttribution, withTask } from '@outlay/instrumentation'
import {
  carried,
  carrierAttributes,
  carrierHeaders,
  runJob,
  runKafkaMessage,
  runSqsMessage,
} from '@outlay/instrumentation/queues'
import { startContext } from './attribution-context.ts'

const WHO = { tenant: 'acme', feature: 'inbox', workload: 'chat' } as const
const KEYS = [{ id: 'k1', secret: 'shared by app and worker' }]
const TASK = { ...WHO, task: 't-1', taskType: 'triage' }
const start = () => startContext({ carrierKeys: KEYS })
const asRequest = <Result>(fn: () => Result): Result =>
  withAttribution(WHO, () => withTask({ type: 'triage', id: 't-1' }, fn))

test('a job of pg-boss keeps its attribution through a failure, and its attempts are counted', async () => {
  using _ = start()
  await using database = await PGlite.create()
  const boss = new PgBoss({ db: fromPglite(database), supervise: false, schedule: false })
  await boss.start()
  await boss.createQueue('triage')
  await asRequest(() => boss.send('triage', carried({ mail: 7 }), { retryLimit: 1, retryDelay: 0 }))
  const seen: ActiveAttribution[] = []
  for (const outcome of ['failed', 'done']) {
    for (const job of await boss.fetch<{ mail: number }>('triage')) {
      seen.push(runJob(job, currentAttribution))
      await (outcome === 'failed' ? boss.fail('triage', job.id) : boss.complete('triage', job.id))
    }
  }
  await boss.stop()
  expect(seen).toEqual([
    { ...TASK, attempt: 1 },
    { ...TASK, attempt: 2 },
  ])
})

/** The two calls of SQS that the test makes, in its JSON protocol. */
const startSqs = async () => {
  const messages: { body: string; attributes: object; received: number }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(chunks).toString()) as { MessageBody: string; MessageAttributes: object }
      const isSend = String(request.headers['x-amz-target']).endsWith('SendMessage')
      if (isSend) messages.push({ body: input.MessageBody, attributes: input.MessageAttributes, received: 0 })
      const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
      const answer = isSend
        ? { MessageId: 'm-1', MD5OfMessageBody: md5(input.MessageBody) }
        : {
            Messages: messages.map((message) => ({
              MessageId: 'm-1',
              Body: message.body,
              MD5OfBody: md5(message.body),
              MessageAttributes: message.attributes,
              Attributes: { ApproximateReceiveCount: String((message.received += 1)) },
            })),
          }
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('a message of SQS keeps its attribution, and its deliveries are counted', async () => {
  using _ = start()
  const { server, url } = await startSqs()
  const credentials = { accessKeyId: 'stub', secretAccessKey: 'stub' }
  const sqs = new SQSClient({ endpoint: url, region: 'eu-west-1', credentials })
  const QueueUrl = `${url}/1/triage`
  const own = { kind: { DataType: 'String', StringValue: 'mail' } }
  await asRequest(() =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', MessageAttributes: carrierAttributes(own) })),
  )
  const receive = async (): Promise<Message> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    )
    return Messages[0] ?? {}
  }
  const first = await receive()
  expect(first.MessageAttributes?.['kind']?.StringValue).toBe('mail')
  expect(runSqsMessage(first, currentAttribution)).toEqual({ ...TASK, attempt: 1 })
  expect(runSqsMessage(await receive(), currentAttribution)).toEqual({ ...TASK, attempt: 2 })
  sqs.destroy()
  server.close()
  server.closeAllConnections()
})

test('a record of a Lambda event is a message of SQS with other capitals', async () => {
  using _ = start()
  const { 'outlay.attribution': attribute } = asRequest(() => carrierAttributes())
  const record = {
    messageAttributes: { 'outlay.attribution': { dataType: 'String', stringValue: attribute.StringValue } },
    attributes: { ApproximateReceiveCount: '3' },
  }
  expect(runSqsMessage(record, currentAttribution)).toEqual({ ...TASK, attempt: 3 })
  expect(runSqsMessage({}, currentAttribution)).toEqual({})
})

test('a message of Kafka keeps its attribution in the record that kafkajs writes', async () => {
  using _ = start()
  const require = createRequire(import.meta.url)
  const encode = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => { buffer: Buffer }
  const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => { readVarInt(): number }
  const decode = require('kafkajs/src/protocol/recordBatch/record/v0/decoder') as (
    from: object,
    batch: object,
  ) => KafkaMessage
  const message: OutgoingKafkaMessage = asRequest(() => ({ value: 'x', headers: carrierHeaders({ kind: 'mail' }) }))
  const { buffer } = encode({ key: null, value: Buffer.from('x'), headers: message.headers })
  const decoder = new Decoder(buffer)
  decoder.readVarInt()
  const received = decode(decoder, { firstOffset: 0, firstTimestamp: 0 })
  expect(String(received.headers?.['kind'])).toBe('mail')
  expect(runKafkaMessage(received, currentAttribution)).toEqual(TASK)
  expect(runKafkaMessage(received, currentAttribution, { attempt: 2 })).toEqual({ ...TASK, attempt: 2 })
  expect(runKafkaMessage({}, currentAttribution)).toEqual({})
})

test('a worker thread knows whom it works for', async () => {
  using _ = start()
  const thread = asRequest(
    () => new Worker(new URL('worker-thread.ts', import.meta.url), { workerData: carried({ keys: KEYS }) }),
  )
  const [seen] = (await once(thread, 'message')) as [ActiveAttribution]
  await thread.terminate()
  expect(seen).toEqual(TASK)
})

test('data with something else than a carrier in its place is refused', async () => {
  using _ = start()
  const job = { data: { 'outlay.attribution': { tenant: 'globex' } } }
  expect(() => runJob(job, currentAttribution)).toThrow(
    expect.objectContaining({ code: 'E_CARRIER', why: 'malformed' }),
  )
  expect(runJob({ data: { mail: 7 }, attemptsMade: 1, stalledCounter: 1 }, currentAttribution)).toEqual({ attempt: 3 })
})
