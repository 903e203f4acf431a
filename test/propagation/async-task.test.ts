/**
 * One task across processes: request → queue → worker → retry → fan-out of 5, one of which is retried as well. Every call of it
 * stands in the ledger under the tenant, user and task of the request.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { hashUserId, registerOutlay, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import { carried } from '@outlay/instrumentation/queues'
import { type StubRequest, startStubProvider } from '@outlay/testkit'
import { Queue } from 'bullmq'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { hasRedis, startRedis, type TestRedis } from '../harness/test-redis.ts'
import { carrierKeysOf, FAILING_PART, JOBS_DONE, PARTS, QUEUE, type WorkerSettings } from './task-plan.ts'

const TASK = 'task-of-the-request'
const USER_KEY = 'key of the app'
const isAskedFor = ({ body }: StubRequest, content: string): boolean => JSON.stringify(body).includes(`"${content}"`)

/** Fails the first request for one of the parts. */
const failingOnce = () => {
  let failed = false
  return (request: StubRequest) => {
    if (failed || !isAskedFor(request, `part ${FAILING_PART}`)) return undefined
    failed = true
    return { error: { status: 500 } }
  }
}

/** Forks the worker and waits until it has done its jobs and sent its spans. */
const runWorker = async (settings: WorkerSettings): Promise<unknown> => {
  const worker = fork(`${import.meta.dirname}/worker-process.ts`, [JSON.stringify(settings)], { execArgv: [] })
  let completed = 0
  let stats: unknown
  worker.on('message', (message: { completed?: string; stats?: unknown }) => {
    stats = message.stats
    if (message.completed !== undefined && (completed += 1) === JOBS_DONE) worker.send('stop')
  })
  const [code] = (await once(worker, 'close')) as [number | null]
  expect(code).toBe(0)
  return stats
}

interface Row {
  readonly task: string
  readonly parent_task: string
  readonly service: string
  readonly attempt: number
  readonly status: string
}

const row = (service: string, task: string, attempt: number, status = 'reported'): Row => ({
  task,
  parent_task: task === TASK ? '' : TASK,
  service,
  attempt,
  status,
})

const EXPECTED: readonly Row[] = [
  row('app', TASK, 1),
  row('worker', TASK, 1),
  row('worker', TASK, 2),
  ...Array.from({ length: PARTS }, (_, part) =>
    part === FAILING_PART
      ? [row('worker', `${TASK}/${part}`, 1, 'absent'), row('worker', `${TASK}/${part}`, 2)]
      : [row('worker', `${TASK}/${part}`, 1)],
  ).flat(),
]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

let ledger: TestLedger
let database: string
let collector: TestCollector
let redis: TestRedis
beforeAll(async () => {
  if (!hasRedis()) return
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  collector = await startTestCollector(ledger, database)
  redis = await startRedis()
})
afterAll(async () => {
  if (!hasRedis()) return
  await redis.close()
  await collector.close()
  await ledger.close()
})

test('every call of a task that goes through a queue, retries and a fan-out is attributed', async () => {
  if (!hasRedis()) {
    say('Not run: there is no redis-server here. `node scripts/install-redis.mjs` installs it where that is allowed.')
    return
  }
  await using provider = await startStubProvider({ script: failingOnce() })
  const settings = {
    collectorUrl: collector.collector.url,
    providerUrl: provider.openaiUrl,
    redisPath: redis.path,
    carrierSecret: 'shared by app and worker',
  }
  const outlay = registerOutlay({
    endpoint: collector.collector.url,
    serviceName: 'app',
    userKey: USER_KEY,
    carrierKeys: carrierKeysOf(settings),
  })
  const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL: provider.openaiUrl }))
  const queue = new Queue(QUEUE, { connection: { path: redis.path } })

  await withAttribution({ tenant: 'acme', user: 'jane@example.com', feature: 'inbox', workload: 'agent' }, () =>
    withTask({ type: 'triage', id: TASK }, async () => {
      await openai.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'plan' }] })
      await queue.add('triage', carried({ mail: 7 }), { attempts: 2 })
    }),
  )
  const stats = await runWorker(settings)
  await outlay.shutdown()
  await queue.close()
  await collector.collector.settled()

  expect(stats).toEqual({ waiting: 0, exported: EXPECTED.length - 1, dropped: 0, failed: 0 })
  const query = `
    SELECT task, parent_task, service, attempt, usage_status AS status, tenant, user, task_type, feature, leaf
    FROM ${database}.calls
    GROUP BY ALL
    HAVING sum(sign) = 1
    ORDER BY service, task, attempt`
  const rows = await (await ledger.client.query({ query, format: 'JSONEachRow' })).json<Row & { leaf: string }>()
  const jane = hashUserId('jane@example.com', USER_KEY)
  expect(rows).toEqual(
    EXPECTED.map((expected) => ({
      ...expected,
      tenant: 'acme',
      user: jane,
      task_type: 'triage',
      feature: 'inbox',
      leaf: expect.stringMatching(/^[0-9a-f]{16}$/),
    })),
  )
  expect(new Set(rows.map(({ leaf }) => leaf)).size).toBe(EXPECTED.length)
  const unattributed = `SELECT * FROM ${database}.quarantine`
  expect(await (await ledger.client.query({ query: unattributed, format: 'JSONEachRow' })).json()).toEqual([])
})
