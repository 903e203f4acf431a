/** The package as published, in apps that have tracing: of each version of OpenTelemetry's SDK, with the api that it wants. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startStubProvider, tempDir } from '@outlay/testkit'
import { afterAll, expect, test } from 'vitest'
import { ATTR } from '#src/attribute-names.ts'
import { compileInProject, installInProject } from '../scripts/empty-project.ts'
import { packPackages } from '../scripts/pack-packages.ts'
import { CANARY, USER_KEY } from './harness.ts'
import { startSink } from './sink.ts'

const directory = tempDir('outlay-beside-')
afterAll(() => directory.remove())
const tarballs = await packPackages(directory.path)

interface Sdk {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  /** Makes `provider` from `spanProcessors`, with `own` as its exporter. */
  readonly setUp: string
}

const UNTIL_2 = `import { InMemorySpanExporter, BatchSpanProcessor, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
const own = new InMemorySpanExporter()
const spanProcessors = [new AttributionSpanProcessor(), new SimpleSpanProcessor(own), new BatchSpanProcessor(new OutlaySpanExporter({ endpoint }))]
const provider = new NodeTracerProvider({ spanProcessors })
provider.register()
`
const FROM_3 = `import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
const own = new InMemorySpanExporter()
const spanProcessors = [
  new AttributionSpanProcessor(),
  new SimpleSpanProcessor({ exporter: own }),
  new BatchSpanProcessor({ exporter: new OutlaySpanExporter({ endpoint }) }),
]
const provider = new TracerProvider({ spanProcessors })
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
`
const SDKS: readonly Sdk[] = [
  {
    version: '1.30',
    dependencies: { '@opentelemetry/api': '1.9.0', '@opentelemetry/sdk-trace-node': '1.30.1' },
    setUp: UNTIL_2,
  },
  {
    version: '2.0',
    dependencies: { '@opentelemetry/api': '1.9.0', '@opentelemetry/sdk-trace-node': '2.0.1' },
    setUp: UNTIL_2,
  },
  {
    version: '2.12',
    dependencies: { '@opentelemetry/api': '1.9.1', '@opentelemetry/sdk-trace-node': '2.12.0' },
    setUp: UNTIL_2,
  },
  {
    version: '3.1',
    dependencies: {
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/context-async-hooks': '3.1.1',
      '@opentelemetry/sdk-trace': '3.1.1',
    },
    setUp: FROM_3,
  },
]

/** A call of a wrapped client below a span of another maker that says only at its end that it is about a model. */
const programOf = ({ setUp }: Sdk): string => `import { context, trace } from '@opentelemetry/api'
import { AttributionSpanProcessor, configureAttribution, OutlaySpanExporter, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import OpenAI from 'openai'
const [endpoint = '', baseURL = ''] = process.argv.slice(2)
${setUp}
configureAttribution({ userKey: '${USER_KEY}' })
const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL, maxRetries: 0 }))
const tracer = trace.getTracer('opentelemetry.instrumentation.other')
const run = withAttribution({ tenant: 'acme', user: 'jane@example.com', feature: 'inbox', workload: 'agent' }, () =>
  withTask({ type: 'triage', id: 't-1' }, () =>
    tracer.startActiveSpan('agent', async (agent) => {
      agent.setAttribute('gen_ai.operation.name', 'invoke_agent')
      agent.setAttribute('gen_ai.input.messages', '${CANARY}')
      await tracer.startActiveSpan('GET /', async (plain) => {
        await openai.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: '${CANARY}' }] })
        plain.end()
      })
      agent.end()
    }),
  ),
)
void run
  .then(() => provider.forceFlush())
  .then(() => {
    console.log(JSON.stringify(own.getFinishedSpans().map(({ name, attributes }) => ({ name, attributes }))))
    return provider.shutdown()
  })
`

interface OwnSpan {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

const WHO = { [ATTR.tenant]: 'acme', [ATTR.feature]: 'inbox', [ATTR.task]: 't-1', [ATTR.taskType]: 'triage' }

test.each(SDKS)(
  'SDK $version: spans of others and of ours are attributed, and only theirs and ours are sent',
  async (sdk) => {
    await using sink = await startSink()
    await using stub = await startStubProvider({ script: [{ meters: { input: 90, cache_read: 10, output: 5 } }] })
    const project = join(directory.path, sdk.version)
    installInProject(project, tarballs, { ...sdk.dependencies, openai: '7.57.0' })
    const program = compileInProject(project, 'module', programOf(sdk))
    const { stdout } = await promisify(execFile)(process.execPath, [program, sink.url, stub.openaiUrl])

    const own = JSON.parse(stdout) as readonly OwnSpan[]
    expect(own.map(({ name }) => name)).toEqual(['chat gpt-5', 'GET /', 'agent'])
    expect(own[2]?.attributes).toMatchObject({ ...WHO, 'gen_ai.input.messages': CANARY })
    expect(own[1]?.attributes).toEqual({})

    const [call, agent] = sink.spans().toSorted((a, b) => b.name.localeCompare(a.name))
    expect(sink.spans()).toHaveLength(2)
    expect(agent).toMatchObject({ name: 'agent', attributes: WHO })
    expect(call).toMatchObject({
      name: 'chat gpt-5',
      traceId: agent?.traceId,
      attributes: { ...WHO, [ATTR.inputTokens]: 100, [ATTR.genaiParent]: agent?.spanId },
    })
    expect(call?.parentSpanId).not.toBe(agent?.spanId)
    expect(call?.parentSpanId).toMatch(/^[0-9a-f]{16}$/)
    expect(sink.bodies.join()).not.toContain(CANARY)
    expect(sink.bodies.join()).not.toContain('jane')
  },
)
