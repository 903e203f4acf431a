/** The worker: its calls belong to whoever sent the request that queued the job. */
import { withBranch, wrap } from '@outlay/instrumentation'
import { attributed, carried } from '@outlay/instrumentation/queues'
import { type Job, Queue, Worker } from 'bullmq'
import OpenAI from 'openai'
import { startOutlay } from './outlay.ts'
import { connection, QUEUE, type ReplyJob, RETRIED, type TriageJob } from './queue.ts'

const outlay = startOutlay('inbox-worker')
// The queue tries again: if the SDK did so too, three tries would be nine.
const openai = wrap(new OpenAI({ maxRetries: 0 }))
const queue = new Queue(QUEUE, { connection, defaultJobOptions: RETRIED })

/** Sorts the mails, then hands each out as a job of its own: a task below this one, whose cost can be told apart. */
const triage = async ({ id, data: { mails } }: Job<TriageJob>): Promise<void> => {
  await openai.responses.create({ model: 'gpt-5-mini', input: `Which of these are urgent?\n${mails.join('\n')}` })
  // By its id the queue takes each job once, however often this one is tried.
  const queueReply = (mail: string, index: number): Promise<Job> =>
    queue.add('reply', carried({ mail }), { jobId: `${id}-${index}` })
  await Promise.all(mails.map((mail, index) => withBranch(index, () => queueReply(mail, index), { type: 'reply' })))
}

const reply = async ({ data: { mail } }: Job<ReplyJob>): Promise<string> => {
  const answer = await openai.responses.create({ model: 'gpt-5', input: `Answer this mail:\n${mail}` })
  return answer.output_text
}

const worker = new Worker(
  QUEUE,
  attributed((job: Job) => (job.name === 'triage' ? triage(job) : reply(job))),
  { connection, concurrency: 5 },
)
worker.on('completed', (job) => process.stdout.write(`done: ${job.name} ${job.id}\n`))
worker.on('failed', (job, error) => process.stdout.write(`failed: ${job?.name} ${job?.id}: ${error.message}\n`))
worker.on('error', (error) => process.stderr.write(`${error.message}\n`))

process.once('SIGTERM', () => {
  void worker
    .close()
    .then(() => queue.close())
    .then(() => outlay.shutdown())
})
