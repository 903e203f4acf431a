/** `examples/nextjs-ai-sdk`: built and started by Next.js itself, as for production. */
import { hashUserId } from '@outlay/instrumentation'
import type { StubRequest } from '@outlay/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runExample, startExample } from './example-process.ts'
import { prepareStages, type Stages, USER_KEY } from './stage.ts'

const next = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => ({
  example: 'nextjs-ai-sdk',
  args: ['node_modules/next/dist/bin/next', ...args],
  environment: { NEXT_TELEMETRY_DISABLED: '1', ...environment },
})

let stages: Stages
beforeAll(async () => {
  stages = await prepareStages()
  const { code, output } = await runExample(next(['build']))
  if (code !== 0) throw new Error(`next build ended with ${code}:\n${output}`)
})
afterAll(() => stages.close())

/** Asks for the tool once in every conversation. */
const askingForTheOrder = ({ body }: StubRequest) =>
  JSON.stringify(body).includes('function_call_output')
    ? undefined
    : { toolCall: { name: 'orderStatus', arguments: { order: '7' } } }

const chat = (url: string, session: string, id: string): Promise<Response> =>
  fetch(`${url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: `session=${session}` },
    body: JSON.stringify({
      id,
      messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Where is it?' }] }],
    }),
  })

test('every call of a streamed answer belongs to the turn of who is logged in, also of turns side by side', async () => {
  await using stage = await stages.open(askingForTheOrder)
  await using server = startExample(next(['start', '--port', '0', '--hostname', '127.0.0.1'], stage.environment))
  const [url] = await server.prints(/http:\/\/127\.0\.0\.1:\d+/)

  expect(await chat(url, 'session-nobody', 'thread-0')).toMatchObject({ status: 401 })
  expect(stage.provider.requests).toEqual([])
  const answers = await Promise.all([chat(url, 'session-jane', 'thread-1'), chat(url, 'session-omar', 'thread-2')])
  for (const answer of answers) expect(await answer.text()).toContain('"finishReason":"stop"')
  await server.stop()

  const calls = await stage.calls()
  const [taskOfJane, taskOfOmar] = [calls[0]?.task, calls[2]?.task]
  expect(taskOfJane).not.toBe(taskOfOmar)
  const call = (tenant: string, user: string, session: string, task: string | undefined) => ({
    tenant,
    user: hashUserId(user, USER_KEY),
    subject: 'user',
    feature: 'chat',
    workload: 'chat',
    session,
    task,
    task_type: 'chat-turn',
    parent_task: '',
    service: 'chat',
    attempt: 1,
    model: 'gpt-5',
    batch: 0,
    status: 'reported',
  })
  const jane = call('acme', 'jane@acme.example', 'thread-1', taskOfJane)
  const omar = call('globex', 'omar@globex.example', 'thread-2', taskOfOmar)
  expect(calls).toEqual([jane, jane, omar, omar])
  expect(await stage.documentedRows('nextjs-ai-sdk')).toHaveLength(2)
})
