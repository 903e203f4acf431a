/** `examples/langgraph-agent`: model → tool → models side by side → model, all of it one user's task. */
import { hashUserId } from '@outlay/instrumentation'
import type { StubRequest } from '@outlay/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runExample } from './example-process.ts'
import { prepareStages, type Stages, USER_KEY } from './stage.ts'

let stages: Stages
beforeAll(async () => {
  stages = await prepareStages()
})
afterAll(() => stages.close())

const TOPICS = ['rents', 'roads', 'staff']

/** Asks for the tool until it has been answered. */
const askingForResearch = ({ body }: StubRequest) => {
  const { tools, messages } = body as { tools?: unknown; messages: readonly { role: string }[] }
  const isAsking = tools !== undefined && messages.every(({ role }) => role !== 'tool')
  return isAsking ? { toolCall: { name: 'research', arguments: { topics: TOPICS } } } : undefined
}

test('every model call of a graph belongs to the user’s task, those of a fan-out to tasks below it', async () => {
  await using stage = await stages.open(askingForResearch)
  const command = { example: 'langgraph-agent', args: ['src/main.ts'], environment: stage.environment }
  const { code, output } = await runExample(command)
  expect({ code, output }).toMatchObject({ code: 0 })
  const [, task] = /task: (\S+)/.exec(output) ?? []
  const call = (fields: object) => ({
    tenant: 'acme',
    user: hashUserId('jane@acme.example', USER_KEY),
    subject: 'user',
    feature: 'assistant',
    workload: 'agent',
    session: 'thread-1',
    task,
    task_type: 'question',
    parent_task: '',
    service: 'assistant',
    attempt: 1,
    model: 'gpt-5',
    batch: 0,
    status: 'reported',
    ...fields,
  })
  const branches = TOPICS.map((_, topic) =>
    call({ task: `${task}/${topic}`, parent_task: task, task_type: 'research', model: 'gpt-5-mini' }),
  )
  expect(await stage.calls()).toEqual([call({}), call({}), ...branches])
  expect(stage.provider.requests).toHaveLength(5)
  expect(await stage.documentedRows('langgraph-agent', task)).toHaveLength(5)
})
