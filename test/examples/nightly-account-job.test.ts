/** `examples/nightly-account-job`: cost of tenants, of no user, and all of it told before the process ends. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runExample } from './example-process.ts'
import { prepareStages, type Stage, type Stages } from './stage.ts'

const DAY = '2026-11-22'
const MODELS = ['gpt-5-mini', 'text-embedding-3-small']

let stages: Stages
beforeAll(async () => {
  stages = await prepareStages()
})
afterAll(() => stages.close())

const run = ({ environment }: Pick<Stage, 'environment'>) =>
  runExample({ example: 'nightly-account-job', args: ['src/nightly-digest.ts', DAY], environment })

const call = (tenant: string, model: string, status = 'reported') => ({
  tenant,
  user: '',
  subject: 'account',
  feature: 'digest',
  workload: 'rag',
  session: '',
  task: `digest-${tenant}-${DAY}`,
  task_type: 'nightly-digest',
  parent_task: '',
  service: 'nightly-digest',
  attempt: 1,
  model,
  batch: 0,
  status,
})

test('a nightly job is cost of each tenant and of no user, and is told in full before it exits', async () => {
  await using stage = await stages.open()
  const { code, output } = await run(stage)
  expect(output).toContain('6 calls told to Outlay')
  expect(code).toBe(0)
  expect(await stage.calls()).toEqual(
    ['acme', 'globex', 'initech'].flatMap((tenant) => MODELS.map((model) => call(tenant, model))),
  )
  expect(await stage.documentedRows('nightly-account-job')).toHaveLength(3)
})

test('one customer whose night fails leaves the others theirs, and the exit code says so', async () => {
  await using stage = await stages.open((request) =>
    JSON.stringify(request.body).includes('Stock was counted') && request.api === 'openai.responses'
      ? { error: { status: 400 } }
      : undefined,
  )
  const { code, output } = await run(stage)
  expect(output).toMatch(/globex: failed: .*400/)
  expect(code).toBe(1)
  expect(await stage.calls()).toEqual(
    ['acme', 'globex', 'initech'].flatMap((tenant) =>
      MODELS.map((model) => call(tenant, model, tenant === 'globex' && model === 'gpt-5-mini' ? 'absent' : 'reported')),
    ),
  )
})

test('a collector that takes nothing costs no digest, and the exit code says that the cost was not told', async () => {
  await using stage = await stages.open()
  const { code, output } = await run({ environment: { ...stage.environment, OUTLAY_ENDPOINT: stage.provider.url } })
  expect(stage.provider.served).toHaveLength(6)
  expect(output).toContain('6 calls could not be told')
  expect(code).toBe(1)
})
