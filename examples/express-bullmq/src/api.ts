/** The API: answers one mail at once, or takes many and leaves them to the worker. */
import { currentAttribution, withTask, wrap } from '@outlay/instrumentation'
import { carried } from '@outlay/instrumentation/queues'
import { Queue } from 'bullmq'
import express from 'express'
import type { AddressInfo } from 'node:net'
import OpenAI from 'openai'
import { attributeRequest } from './attribute-request.ts'
import { startOutlay } from './outlay.ts'
import { connection, QUEUE, RETRIED, type TriageJob } from './queue.ts'

const outlay = startOutlay('inbox-api')
const openai = wrap(new OpenAI())
const queue = new Queue(QUEUE, { connection, defaultJobOptions: RETRIED })

const app = express()
app.use(express.json(), attributeRequest)

/** One task with one call, done within the request. */
app.post('/replies', async (request, response) => {
  const { mail } = request.body as { mail: string }
  const text = await withTask({ type: 'reply', feature: 'inbox', workload: 'chat' }, async () => {
    const answer = await openai.responses.create({ model: 'gpt-5', input: `Answer this mail:\n${mail}` })
    return answer.output_text
  })
  response.json({ text })
})

/** One task that begins here and goes on in the worker: the job carries tenant, user and task with it. */
app.post('/triages', async (request, response) => {
  const { mails } = request.body as TriageJob
  const task = await withTask({ type: 'triage', feature: 'inbox', workload: 'agent' }, async () => {
    await queue.add('triage', carried({ mails }))
    return currentAttribution().task
  })
  response.status(202).json({ task })
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})

process.once('SIGTERM', () => {
  server.close(() => void queue.close().then(() => outlay.shutdown()))
})
