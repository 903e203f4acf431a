/** `node --import @outlay/instrumentation/register`: apps that know nothing of Outlay, each in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { settleTrace } from '@outlay/semconv'
import { startStubProvider, type StubScript } from '@outlay/testkit'
import { expect, test } from 'vitest'
import { startSink } from '../../packages/instrumentation/test/sink.ts'
import { evidenceOf, type OtlpTraceRequest } from '../../packages/semconv/test/otlp-json.ts'

const METERS = { input: 7, output: 5 }

const start = async (script: StubScript = () => ({ meters: METERS })) => {
  const stub = await startStubProvider({ script })
  const sink = await startSink()
  const run = (app: string, environment: Readonly<Record<string, string>> = {}): ChildProcess =>
    spawn(process.execPath, ['--import', '@outlay/instrumentation/register', `zero-code/${app}`, stub.url], {
      cwd: import.meta.dirname,
      env: { PATH: process.env['PATH'] ?? '', OUTLAY_ENDPOINT: sink.url, OUTLAY_SERVICE_NAME: 'app', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const evidence = () => sink.bodies.flatMap((body) => evidenceOf(JSON.parse(body) as OtlpTraceRequest))
  return {
    stub,
    run,
    evidence,
    calls: () =>
      Map.groupBy(evidence(), ({ traceId }) => traceId)
        .values()
        .toArray()
        .flatMap((spans) => settleTrace(spans).calls),
    async [Symbol.asyncDispose]() {
      await stub.close()
      await sink[Symbol.asyncDispose]()
    },
  }
}

const outcomeOf = async (child: ChildProcess) => {
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (bytes: Buffer) => (output[name] += bytes.toString()))
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, ...output }
}

test.each(['esm-app.ts', 'cjs-app.cts'])('every SDK of %s is measured, each call once', async (app) => {
  await using apps = await start()
  const { code, stdout, stderr } = await outcomeOf(apps.run(app))
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(JSON.parse(stdout)).toEqual({
    'one class under two names': true,
    'instances are of their class': true,
    'subclasses stay': true,
    'statics stay': true,
  })
  expect(apps.stub.requests).toHaveLength(12)
  const calls = apps.calls().map(({ selectors: { provider }, meters }) => ({ provider, meters }))
  const providers = [
    ...Array.from({ length: 4 }, () => 'openai'),
    'azure.ai.openai',
    'anthropic',
    'gcp.gemini',
    'gcp.gemini',
    'mistral_ai',
    'cohere',
    'aws.bedrock',
    'aws.bedrock',
  ]
  expect(calls.map(({ provider }) => provider).toSorted()).toEqual(providers.toSorted())
  expect(apps.evidence()).toHaveLength(providers.length)
  expect(calls.map(({ meters }) => meters)).toEqual(providers.map(() => METERS))
  expect(new Set(apps.evidence().map(({ resource }) => resource['service.name']))).toEqual(new Set(['app']))
  // Nobody has put attribution into it yet: that is said once per place, and stops nothing.
  expect(stderr).toContain('it will show as unattributed')
})

test('an app that wraps its client as well is counted once, and its calls are for whom it says', async () => {
  await using apps = await start()
  const { code, stderr } = await outcomeOf(apps.run('attributed-app.ts', { OUTLAY_USER_KEY: 'key' }))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(apps.evidence()).toHaveLength(1)
  expect(apps.calls()).toMatchObject([{ attribution: { tenant: 'acme', feature: 'inbox' }, meters: METERS }])
  expect(apps.evidence()[0]?.attributes['user.id']).toMatch(/^h_[0-9a-f]{64}$/)
})

test('calls are refused where the environment says so', async () => {
  await using apps = await start()
  const { code, stderr } = await outcomeOf(apps.run('esm-app.ts', { OUTLAY_ON_MISSING: 'throw' }))
  expect(code).toBe(1)
  expect(stderr).toContain('E_ATTRIBUTION_MISSING')
  expect(apps.stub.requests).toEqual([])
})

test.each([
  [{ OUTLAY_ON_MISSING: 'maybe' }, 'throw, quarantine, warn'],
  [{ OUTLAY_REQUIRE: 'tenant, usr' }, 'OUTLAY_REQUIRE'],
  [{ OUTLAY_CARRIER_KEYS: 'secret' }, 'id:secret'],
])('an environment that cannot be meant stops the app at its start: %o', async (environment, words) => {
  await using apps = await start()
  const { code, stderr } = await outcomeOf(apps.run('waiting-app.ts', environment))
  expect(code).toBe(1)
  expect(stderr).toContain('E_ZERO_CODE')
  expect(stderr).toContain(words)
  expect(stderr).not.toMatch(/secret'|"secret"/)
})

test('a call under way at SIGTERM is sent as partial, and the process ends by that signal', async () => {
  await using apps = await start(() => ({ delayMs: 600_000 }))
  const child = apps.run('waiting-app.ts')
  const outcome = outcomeOf(child)
  await expect.poll(() => apps.stub.requests.length, { interval: 10, timeout: 60_000 }).toBe(1)
  child.kill('SIGTERM')
  expect(await outcome).toMatchObject({ signal: 'SIGTERM' })
  expect(apps.evidence().map(({ attributes }) => attributes['outlay.usage.status'])).toEqual(['partial'])
})
