/**
 * Attribution through Temporal's SDK: its client, the sandbox of its workflows, and its activities. No server (there is one in `brokers`): what the client sends is
 * taken where it would go to the wire, and given to the workflow and the activity as the worker would.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { WithStartWorkflowOperation, WorkflowClient } from '@temporalio/client'
import { MockActivityEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode } from '@temporalio/worker'
import type * as VmModule from '@temporalio/worker/lib/workflow/vm.js'
import type * as WorkerModule from '@temporalio/worker/lib/worker.js'
import { type ActiveAttribution, currentAttribution, withAttribution, withTask } from '@outlay/instrumentation'
import { temporalActivityInterceptor, temporalClientInterceptor } from '@outlay/instrumentation/temporal'
import { beforeAll, expect, test } from 'vitest'
import { startContext } from './attribution-context.ts'

const require = createRequire(import.meta.url)
const HEADER = 'outlay.attribution'
const WHO = { tenant: 'acme', feature: 'inbox', workload: 'agent' } as const
const TASK = { ...WHO, task: 't-1', taskType: 'triage' }
const start = () => startContext({ carrierKeys: [{ id: 'k1', secret: 'shared by app and worker' }] })
const asRequest = <Result>(fn: () => Result): Result =>
  withAttribution(WHO, () => withTask({ type: 'triage', id: 't-1' }, fn))

type Fields = Readonly<Record<string, { data?: Uint8Array | null }>>
interface StartRequest {
  readonly header?: { readonly fields?: Fields }
}

/** The client's own connection, with the requests kept in place of being sent. */
const clientOf = (interceptor = temporalClientInterceptor()) => {
  const sent: StartRequest[] = []
  const keep = async (request: StartRequest) => {
    sent.push(request)
    return { runId: 'run-1' }
  }
  const operations: { readonly startWorkflow?: StartRequest }[] = []
  const executeMultiOperation = async (request: { operations: typeof operations }): Promise<never> => {
    operations.push(...request.operations)
    throw new Error('kept')
  }
  const workflowService = {
    startWorkflowExecution: keep,
    signalWithStartWorkflowExecution: keep,
    executeMultiOperation,
  }
  const connection = { plugins: [], workflowService, ensureConnected: async () => undefined }
  const client = new WorkflowClient({ connection: connection as never, interceptors: [interceptor] })
  return { client, sent, operations }
}

const started = async (interceptor = temporalClientInterceptor()): Promise<Fields> => {
  const { client, sent } = clientOf(interceptor)
  await asRequest(() => client.start('triage', { taskQueue: 'q', workflowId: 'w-1' }))
  return sent[0]?.header?.fields ?? {}
}

/** The SDK logs refusals. */
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

const attributionOf = (headers: Fields, attempt = 1): Promise<ActiveAttribution> => {
  const environment = new MockActivityEnvironment(
    { attempt },
    { interceptors: [temporalActivityInterceptor], logger: quiet },
  )
  // Its `run` has no headers.
  const { activity } = environment as unknown as { activity: ActivityRun }
  return activity.runNoEncoding(async () => currentAttribution(), { args: [], headers })
}
interface ActivityRun {
  runNoEncoding<Result>(fn: () => Promise<Result>, input: object): Promise<Result>
}

test('an activity works for whoever started the workflow, and its attempts are counted', async () => {
  using _ = start()
  const headers = await started()
  expect(await attributionOf(headers)).toEqual({ ...TASK, attempt: 1 })
  expect(await attributionOf(headers, 3)).toEqual({ ...TASK, attempt: 3 })
  expect(await attributionOf({})).toEqual({ attempt: 1 })
})

test('a client before 1.14, which knows `start` alone, puts the same into a workflow', async () => {
  using _ = start()
  const before = { ...temporalClientInterceptor() }
  delete before.startWithDetails
  expect(await attributionOf(await started(before))).toEqual({ ...TASK, attempt: 1 })
})

test('a workflow that a signal starts carries attribution, too', async () => {
  using _ = start()
  const { client, sent } = clientOf()
  const options = { taskQueue: 'q', workflowId: 'w-1', signal: 's', signalArgs: [] }
  await asRequest(() => client.signalWithStart('triage', options))
  expect(await attributionOf(sent[0]?.header?.fields ?? {})).toEqual({ ...TASK, attempt: 1 })
})

test('a workflow that an update starts carries attribution, too', async () => {
  using _ = start()
  const { client, operations } = clientOf()
  const options = { taskQueue: 'q', workflowId: 'w-1', args: [], workflowIdConflictPolicy: 'FAIL' } as const
  const startWorkflowOperation = new WithStartWorkflowOperation('triage', options)
  // Nobody answers.
  await expect(
    asRequest(() => client.executeUpdateWithStart('u', { startWorkflowOperation, args: [] })),
  ).rejects.toBeInstanceOf(Error)
  await expect(startWorkflowOperation.workflowHandle()).rejects.toBeInstanceOf(Error)
  expect(await attributionOf(operations[0]?.startWorkflow?.header?.fields ?? {})).toEqual({ ...TASK, attempt: 1 })
})

test.each([
  ['is no JSON', Buffer.from('{')],
  ['has no carrier', Buffer.from('{}')],
  ['was tampered with', Buffer.from(JSON.stringify({ carrier: 'o1.e30' }))],
])('an activity whose header %s is refused', async (_, data) => {
  using _context = start()
  await expect(attributionOf({ [HEADER]: { data } })).rejects.toMatchObject({ code: 'E_CARRIER' })
})

const code = { text: '' }
beforeAll(async () => {
  const bundled = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('temporal-workflows.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(import.meta.resolve('@outlay/instrumentation/temporal-workflow'))],
    logger: quiet,
  })
  code.text = bundled.code
})

/** The first commands of a workflow in Temporal's sandbox, with the headers that they carry. */
const commandsOf = async (workflowType: string, headers: Fields) => {
  const { VMWorkflowCreator } = require('@temporalio/worker/lib/workflow/vm.js') as typeof VmModule
  const { parseWorkflowCode } = require('@temporalio/worker/lib/worker.js') as typeof WorkerModule
  const creator = await VMWorkflowCreator.create(parseWorkflowCode(code.text), 10_000, new Set(['answer']))
  const info = { workflowType, workflowId: 'w', runId: 'r', taskQueue: 'q', unsafe: {} }
  const workflow = await creator.createWorkflow({
    info: info as never,
    randomnessSeed: [1],
    now: 0,
    showStackTraceSources: false,
  })
  const initializeWorkflow = { workflowId: 'w', workflowType, arguments: [], headers }
  const completion = await workflow.activate({
    runId: 'r',
    timestamp: { seconds: 0 as never },
    jobs: [{ initializeWorkflow }],
  })
  await workflow.dispose()
  await creator.destroy()
  expect(completion.failed).toBeFalsy()
  return (completion.successful?.commands ?? []).map((command) => {
    const [[kind, content]] = Object.entries(command) as [[string, { headers?: Fields }]]
    return { kind, headers: content.headers ?? {} }
  })
}

test('a workflow passes attribution on to all that it starts', async () => {
  using _ = start()
  const headers = await started()
  const commands = [...(await commandsOf('triage', headers)), ...(await commandsOf('renewed', headers))]
  expect(commands.map(({ kind }) => kind).toSorted()).toEqual([
    'continueAsNewWorkflowExecution',
    'scheduleActivity',
    'scheduleLocalActivity',
    'startChildWorkflowExecution',
  ])
  for (const command of commands) expect(await attributionOf(command.headers)).toEqual({ ...TASK, attempt: 1 })
})

test('a workflow that was started without attribution passes nothing on', async () => {
  for (const { headers } of await commandsOf('triage', {})) expect(headers).toEqual({})
})
