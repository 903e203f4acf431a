/** `examples/batch-job`: two runs with hours between them, and no attribution but what the first one kept. */
import { readFileSync } from 'node:fs'
import { hashUserId } from '@outlay/instrumentation'
import { type StubRequest, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runExample } from './example-process.ts'
import { prepareStages, type Stages, USER_KEY } from './stage.ts'

let stages: Stages
beforeAll(async () => {
  stages = await prepareStages()
})
afterAll(() => stages.close())

const failingOne = ({ body }: StubRequest) =>
  JSON.stringify(body).includes('Rent is due') ? { error: { status: 429 } } : undefined

const JANE = hashUserId('jane@acme.example', USER_KEY)
const OMAR = hashUserId('omar@globex.example', USER_KEY)

const call = (tenant: string, document: string, model: string, status: string) => ({
  tenant,
  user: tenant === 'acme' ? JANE : OMAR,
  subject: 'user',
  feature: 'documents',
  workload: 'rag',
  session: '',
  task: `summary-${document}`,
  task_type: 'summary',
  parent_task: '',
  service: 'summaries',
  attempt: 1,
  model,
  batch: 1,
  status,
})

test.each([
  ['openai', 'gpt-5-mini'],
  ['anthropic', 'claude-haiku-5-5'],
])(
  'results of a batch of %s are billed to whoever asked for them, failed ones are listed, each once',
  async (name, model) => {
    await using stage = await stages.open(failingOne)
    using directory = tempDir()
    const environment = { ...stage.environment, OUTLAY_CARRIER_KEY: 'key of carriers' }
    const run = async (...args: string[]) => {
      const { code, output } = await runExample({ example: 'batch-job', args, environment, cwd: directory.path })
      expect({ code, output }).toMatchObject({ code: 0 })
      return output
    }
    expect(await run('src/submit.ts', name)).toContain('3 requests submitted')
    expect(readFileSync(`${directory.path}/kept-batch.json`, 'utf8')).not.toContain('jane')
    expect(await run('src/collect.ts')).toContain('still in progress')
    expect(await stage.calls()).toEqual([])

    stage.provider.endBatches()
    expect(await run('src/collect.ts')).toContain('3 results')
    const billed = [
      call('acme', 'lease-7', model, 'reported'),
      call('acme', 'lease-8', model, 'absent'),
      call('globex', 'audit-2026', model, 'reported'),
    ]
    expect(await stage.calls()).toEqual(billed)
    // Whoever collects twice pays once.
    expect(await run('src/collect.ts')).toContain('3 results')
    expect(await stage.calls()).toEqual(billed)
    expect(await stage.documentedRows('batch-job')).not.toEqual([])
  },
)
