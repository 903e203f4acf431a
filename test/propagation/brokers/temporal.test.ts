/** Attribution through a real Temporal server: app and worker share nothing but what the server keeps. */
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { currentAttribution } from '@outlay/instrumentation'
import { temporalActivityInterceptor, temporalClientInterceptor } from '@outlay/instrumentation/temporal'
import { expect, inject, onTestFinished, test } from 'vitest'
import { startContext } from '../attribution-context.ts'
import { asEachTenant, inOrder, type SeenWork, TENANTS, taskOf, type Tenant } from './seen-work.ts'
import { startTemporalServer, type TemporalServer } from './temporal-server.ts'

const TASK_QUEUE = 'triage'

/** The worker of an app, whose first attempt at `part 3` fails each time that it is asked. */
const startWorker = async ({ address, namespace }: TemporalServer): Promise<readonly SeenWork[]> => {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) })
  const seen: SeenWork[] = []
  const answer = async (what: string): Promise<void> => {
    const attribution = currentAttribution()
    seen.push({ what, attribution })
    if (what === 'part 3' && attribution.attempt === 1) throw new Error('not yet')
  }
  const connection = await NativeConnection.connect({ address })
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
    activities: { answer },
    interceptors: {
      activity: [temporalActivityInterceptor],
      workflowModules: [fileURLToPath(import.meta.resolve('@outlay/instrumentation/temporal-workflow'))],
    },
  })
  const running = worker.run()
  onTestFinished(async () => {
    worker.shutdown()
    await running
    await connection.close()
  })
  return seen
}

const WORKS = ['part 1', 'part 2', 'part 3', 'part 4', 'part 5', 'local', 'child']

test('every activity of a workflow works for whoever started it: retried, in parallel, local, of a child and of the next run', async ({
  skip,
}) => {
  const program = inject('temporalServer')
  if (typeof program !== 'string') return skip(`this machine lacks ${program.missing}`)
  using _ = startContext({ carrierKeys: [{ id: 'k1', secret: 'shared by app and worker' }] })
  const server = await startTemporalServer(program)
  const seen = await startWorker(server)
  const connection = await Connection.connect({ address: server.address })
  onTestFinished(() => connection.close())
  const client = new Client({
    connection,
    namespace: server.namespace,
    interceptors: { workflow: [temporalClientInterceptor()] },
  })

  await asEachTenant((tenant) =>
    client.workflow.execute('triage', { taskQueue: TASK_QUEUE, workflowId: `w ${tenant}`, args: [1] }),
  )

  const attemptsAt = (what: string): readonly number[] => (what === 'part 3' ? [1, 2] : [1])
  const worksOf = (tenant: Tenant): readonly SeenWork[] =>
    WORKS.flatMap((what) => attemptsAt(what).map((attempt) => ({ what, attribution: { ...taskOf(tenant), attempt } })))
  const ofOneRound = TENANTS.flatMap(worksOf)
  expect(inOrder(seen)).toEqual(inOrder([...ofOneRound, ...ofOneRound]))
}, 120_000)
