/** `examples/express-bullmq`: an API and a worker, each in a process of its own, with a real Redis between them. */
import { hashUserId } from '@outlay/instrumentation'
import type { StubRequest } from '@outlay/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasRedis, startRedis, type TestRedis } from '../harness/test-redis.ts'
import { startExample } from './example-process.ts'
import { prepareStages, type Stages, USER_KEY } from './stage.ts'

const MAILS = ['The invoice is wrong.', 'Where is my parcel?', 'Please cancel.']
const isAskedFor = ({ body }: StubRequest, text: string): boolean => JSON.stringify(body).includes(text)

/** The provider is out of order the first time that it is asked for each of these. */
const failingOnce = (...texts: readonly string[]) => {
  const left = new Set(texts)
  return (request: StubRequest) => {
    const found = [...left].find((text) => isAskedFor(request, text))
    if (found === undefined) return undefined
    left.delete(found)
    return { error: { status: 503 } }
  }
}

let stages: Stages
let redis: TestRedis
beforeAll(async () => {
  if (!hasRedis()) return
  stages = await prepareStages()
  redis = await startRedis()
})
afterAll(async () => {
  if (!hasRedis()) return
  await redis.close()
  await stages.close()
})

const call = (tenant: string, user: string, fields: object) => ({
  tenant,
  user: hashUserId(user, USER_KEY),
  subject: 'user',
  feature: 'inbox',
  workload: 'agent',
  session: '',
  task_type: 'reply',
  parent_task: '',
  service: 'inbox-worker',
  attempt: 1,
  model: 'gpt-5',
  batch: 0,
  status: 'reported',
  ...fields,
})

test('calls of requests, queued jobs, their retries and their fan-out belong to who sent the request', async () => {
  if (!hasRedis()) {
    process.stdout.write('Not run: there is no redis-server here. `node scripts/install-redis.mjs` installs it.\n')
    return
  }
  await using stage = await stages.open(failingOnce('Which of these are urgent', `this mail:\\n${MAILS[1]}`))
  const environment = {
    ...stage.environment,
    PORT: '0',
    REDIS_URL: `unix://${redis.path}`,
    OUTLAY_CARRIER_KEY: 'key of carriers',
  }
  await using api = startExample({ example: 'express-bullmq', args: ['src/api.ts'], environment })
  await using worker = startExample({ example: 'express-bullmq', args: ['src/worker.ts'], environment })
  const [, url = ''] = await api.prints(/listening on (\S+)/)
  const post = async (path: string, key: string, body: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, ...((await response.json()) as { task?: string; text?: string }) }
  }

  expect(await post('/replies', 'key-nobody', { mail: MAILS[0] })).toMatchObject({ status: 401 })
  expect(stage.provider.requests).toEqual([])
  expect(await post('/replies', 'key-omar', { mail: MAILS[0] })).toMatchObject({ status: 200 })
  const { status, task = '' } = await post('/triages', 'key-jane', { mails: MAILS })
  expect(status).toBe(202)
  await worker.prints(/(done: reply[^]*){3}/)
  expect(await worker.stop()).toMatchObject({ code: 0 })
  expect(await api.stop()).toMatchObject({ code: 0 })

  const [jane, omar] = ['jane@acme.example', 'omar@globex.example']
  const triage = { task, task_type: 'triage', model: 'gpt-5-mini' }
  const reply = (mail: number) => ({ task: `${task}/${mail}`, parent_task: task })
  expect(await stage.calls()).toEqual([
    call('acme', jane, { ...triage, status: 'absent' }),
    call('acme', jane, { ...triage, attempt: 2 }),
    call('acme', jane, reply(0)),
    call('acme', jane, { ...reply(1), status: 'absent' }),
    call('acme', jane, { ...reply(1), attempt: 2 }),
    call('acme', jane, reply(2)),
    call('globex', omar, { task: expect.stringMatching(/^task_/), service: 'inbox-api', workload: 'chat' }),
  ])
  expect(await stage.documentedRows('express-bullmq')).toHaveLength(6)
})
