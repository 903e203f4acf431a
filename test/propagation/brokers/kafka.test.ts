/** Attribution through a real Kafka broker: app and worker share nothing but what the broker keeps. */
import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs'
import { currentAttribution } from '@outlay/instrumentation'
import { carrierHeaders, runKafkaMessage } from '@outlay/instrumentation/queues'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startContext } from '../attribution-context.ts'
import { startKafkaBroker } from './kafka-broker.ts'
import { asEachTenant, inOrder, type SeenWork, TENANTS, taskOf, type Tenant } from './seen-work.ts'

const TOPIC = 'triage'
/** Of an app that counts deliveries itself: Kafka does not. */
const RETRY_TOPIC = 'triage.retry'
const PARTS = ['part 1', 'part 2', 'part 3', 'part 4', 'part 5'] as const

/** Its first delivery of `part 3` fails each time, and it leaves `part 5` to the topic of retries. */
const startWorker = async (kafka: Kafka, producer: Producer, deliveries: number) => {
  const seen: SeenWork[] = []
  const failed = new Set<string>()
  const finished = Promise.withResolvers<void>()
  const consumer = kafka.consumer({ groupId: 'workers', retry: { initialRetryTime: 10 } })
  await consumer.connect()
  onTestFinished(() => consumer.disconnect())
  await consumer.subscribe({ topics: [TOPIC, RETRY_TOPIC], fromBeginning: true })
  const work = async (topic: string, what: string, key: string): Promise<void> => {
    seen.push({ what: `${topic} ${what}`, attribution: currentAttribution() })
    if (what === 'part 3' && !failed.has(key)) {
      failed.add(key)
      throw new Error('not yet')
    }
    if (what !== 'part 5' || topic === RETRY_TOPIC) return
    await producer.send({ topic: RETRY_TOPIC, messages: [{ key, value: what, headers: carrierHeaders() }] })
  }
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      const [what, key] = [String(message.value), String(message.key)]
      try {
        await runKafkaMessage(message, () => work(topic, what, key), topic === RETRY_TOPIC ? { attempt: 2 } : {})
      } catch (error) {
        const { code } = error as { readonly code?: string }
        if (code === undefined) throw error
        seen.push({ what: `${topic} ${what}`, attribution: { refused: code } })
      }
      if (seen.length === deliveries) finished.resolve()
    },
  })
  return { seen, finished: finished.promise }
}

test('a message works for whoever sent it: compressed, delivered again, passed on, and without or with a forged carrier', async ({
  skip,
}) => {
  const jars = inject('kafkaJars')
  if (typeof jars !== 'string') return skip(`this machine lacks ${jars.missing}`)
  using _ = startContext({ carrierKeys: [{ id: 'k1', secret: 'shared by app and worker' }] })
  const brokers = [await startKafkaBroker(jars)]
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, retries: 20 } })
  const admin = kafka.admin()
  await admin.connect()
  const topics = [TOPIC, RETRY_TOPIC].map((topic) => ({ topic, numPartitions: 3 }))
  await admin.createTopics({ topics })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  onTestFinished(() => producer.disconnect())

  const expected: SeenWork[] = TENANTS.flatMap((tenant) => [
    ...[...PARTS, 'part 3'].map((part) => ({ what: `${TOPIC} ${part}`, attribution: taskOf(tenant) })),
    { what: `${RETRY_TOPIC} part 5`, attribution: { ...taskOf(tenant), attempt: 2 } },
  ])
  expected.push({ what: `${TOPIC} of nobody`, attribution: {} })
  expected.push({ what: `${TOPIC} forged`, attribution: { refused: 'E_CARRIER' } })
  const { seen, finished } = await startWorker(kafka, producer, expected.length)

  const fanOut = (tenant: Tenant) =>
    Promise.all(
      PARTS.map((value) =>
        producer.send({
          topic: TOPIC,
          compression: CompressionTypes.GZIP,
          messages: [{ key: `${tenant} ${value}`, value, headers: carrierHeaders({ kind: 'mail' }) }],
        }),
      ),
    )
  await asEachTenant(fanOut)
  const forged = { 'outlay.attribution': 'o1.e30' }
  await producer.send({ topic: TOPIC, messages: [{ value: 'of nobody' }, { value: 'forged', headers: forged }] })
  await finished

  expect(inOrder(seen)).toEqual(inOrder(expected))
}, 120_000)
