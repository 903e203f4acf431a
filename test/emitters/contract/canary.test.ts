/**
 * Nothing that users say leaves: whatever becomes of a call, no byte that is exported, no line that is logged and no carrier holds a
 * word of the prompt, the system prompt, a tool's arguments or result, the answer, an error, a file's name, or a raw user id.
 */
import { type DiagLogFunction, DiagLogLevel, diag } from '@opentelemetry/api'
import { captureAttribution, registerOutlay, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import { type StubAnswer, startStubProvider } from '@outlay/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { startSink } from '../../../packages/instrumentation/test/sink.ts'
import { CANARY } from './conversations.ts'
import type { Wrapper } from './wrapper.ts'
import { WRAPPERS } from './wrappers.ts'

const NEVER_MS = 600_000
const SOON_MS = 50

afterEach(() => {
  vi.restoreAllMocks()
  diag.disable()
})

/** Everything that anybody logs, at every level. */
const captureLogs = (): string[] => {
  const lines: string[] = []
  const note: DiagLogFunction = (...words) => void lines.push(words.map(String).join(' '))
  diag.setLogger({ error: note, warn: note, info: note, debug: note, verbose: note }, DiagLogLevel.ALL)
  for (const name of ['error', 'warn', 'info', 'log', 'debug'] as const) {
    vi.spyOn(console, name).mockImplementation((...words: unknown[]) => void lines.push(words.map(String).join(' ')))
  }
  return lines
}

type Use = (client: object, signal?: AbortSignal) => PromiseLike<unknown>

interface Course {
  readonly name: string
  readonly answer: StubAnswer
  readonly use: Use
  readonly aborts?: true
}

const drained =
  (open: NonNullable<Wrapper['stream']>): Use =>
  async (client, signal) => {
    for await (const _event of await open(client, signal)) continue
  }
const leftEarly =
  (open: NonNullable<Wrapper['stream']>): Use =>
  async (client) => {
    for await (const _event of await open(client)) break
  }

/** Every way that a call can go. */
const coursesOf = ({ call, stream, meters, usage, toolless }: Wrapper): readonly Course[] => {
  const counted: StubAnswer = { ...(usage === undefined ? { meters } : { usage }), text: `${CANARY} says ${CANARY}` }
  const toolCall = { name: 'weather', arguments: { city: CANARY } }
  const error = { status: 400, type: 'invalid_request_error', message: `${CANARY} is not allowed` }
  const uses = [['answer', call] as const, ...(stream === undefined ? [] : [['stream', drained(stream)] as const])]
  return [
    ...uses.flatMap(([name, use]): Course[] => [
      { name, answer: counted, use },
      ...(toolless === true ? [] : [{ name: `${name} with a tool call`, answer: { ...counted, toolCall }, use }]),
      { name: `${name} refused`, answer: { error }, use },
      { name: `${name} aborted`, answer: { delayMs: NEVER_MS }, use, aborts: true },
    ]),
    ...(stream === undefined
      ? []
      : [
          { name: 'stream with an error', answer: { ...counted, errorAfterChunks: 1 }, use: drained(stream) },
          { name: 'stream broken off', answer: { ...counted, abortAfterChunks: 1 }, use: drained(stream) },
          { name: 'stream left early', answer: counted, use: leftEarly(stream) },
        ]),
  ]
}

const bodyOf = (carrier: string): string => Buffer.from(carrier.split('.')[1] ?? '', 'base64url').toString('utf8')

test.each(WRAPPERS)('$id: not a word of the users leaves', async (wrapper) => {
  await using sink = await startSink()
  await using stub = await startStubProvider()
  const lines = captureLogs()
  const outlay = registerOutlay({ endpoint: sink.url, serviceName: 'app', userKey: 'key', exportIntervalMs: NEVER_MS })
  const client = wrap(wrapper.create({ url: stub.url, retries: 0, timeoutMs: NEVER_MS }))
  const carriers: string[] = []
  const asUser = (use: () => PromiseLike<unknown>): PromiseLike<unknown> =>
    withAttribution({ tenant: 'acme', user: CANARY, feature: 'inbox', workload: 'chat' }, () =>
      withTask({ type: 'triage' }, () => {
        carriers.push(captureAttribution())
        return use()
      }),
    )
  const courses = coursesOf(wrapper)
  const unsaid: string[] = []
  for (const { name, answer, use, aborts } of courses) {
    stub.reset(() => answer)
    const aborting = new AbortController()
    const timer = aborts === true ? setTimeout(() => aborting.abort(), SOON_MS) : undefined
    const ended = asUser(() => use(client, aborting.signal)).then(
      () => undefined,
      (failure: unknown) => failure,
    )
    await ended
    clearTimeout(timer)
    if (!JSON.stringify(stub.requests).includes(CANARY)) unsaid.push(name)
  }
  // Else the rest would prove nothing.
  expect(unsaid).toEqual([])
  await outlay.forceFlush()
  expect(sink.spans()).toHaveLength(courses.length)
  expect(outlay.stats).toMatchObject({ exported: courses.length, failed: 0, dropped: 0 })
  await outlay.shutdown()
  expect(sink.bodies.join()).not.toContain(CANARY)
  expect(JSON.stringify(sink.headers)).not.toContain(CANARY)
  expect(lines.join('\n')).not.toContain(CANARY)
  expect(carriers.map(bodyOf).join()).not.toContain(CANARY)
  expect(carriers.map(bodyOf).join()).toContain('acme')
})
