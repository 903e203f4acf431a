/** The worker of `async-task.test.ts`, in a process of its own: it has no attribution but what its jobs bring. */
import { registerOutlay, withBranch, wrap } from '@outlay/instrumentation'
import { attributed, carried } from '@outlay/instrumentation/queues'
import { type Job, Queue, Worker } from 'bullmq'
import OpenAI from 'openai'
import { carrierKeysOf, PARTS, QUEUE, type WorkerSettings } from './task-plan.ts'

const settings = JSON.parse(process.argv[2] ?? '') as WorkerSettings
const outlay = registerOutlay({
  endpoint: settings.collectorUrl,
  serviceName: 'worker',
  require: ['tenant', 'user', 'feature', 'workload', 'task'],
  carrierKeys: carrierKeysOf(settings),
})
const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL: settings.providerUrl, maxRetries: 0 }))
const connection = { path: settings.redisPath, maxRetriesPerRequest: null }
const queue = new Queue(QUEUE, { connection })

const ask = (content: string) =>
  openai.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content }] })

/** Costs something, fails at first, then hands its parts out as jobs. */
const triage = async (job: Job): Promise<void> => {
  await ask('triage')
  if (job.attemptsMade === 0) throw new Error('the first attempt has cost and fails all the same')
  await Promise.all(
    Array.from({ length: PARTS }, (_, part) =>
      withBranch(part, () => queue.add('part', carried({ part }), { attempts: 2 })),
    ),
  )
}

const work = attributed(async (job: Job<{ part?: number }>) => {
  if (job.name === 'part') await ask(`part ${job.data.part}`)
  else await triage(job)
})

const worker = new Worker(QUEUE, work, { connection, concurrency: PARTS })
worker.on('completed', (job) => process.send?.({ completed: job.name }))
process.once('message', () => {
  void worker
    .close()
    .then(() => queue.close())
    .then(() => outlay.shutdown())
    .then(() => process.send?.({ stats: outlay.stats }, () => process.exit(0)))
})
