/** The contract of the framework seams: the app sees what it sees without one, and each model call is counted once. */
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { withAttribution } from '@outlay/instrumentation'
import type { StubAnswer, StubScript } from '@outlay/testkit'
import { describe, expect, test } from 'vitest'
import { type Harness, startHarness, WHO } from '../../../packages/instrumentation/test/harness.ts'
import { settledCalls } from '../../../packages/instrumentation/test/settled.ts'
import { SEAMS } from './seams/index.ts'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seams/seam.ts'

const NEVER_MS = 600_000
const SOON_MS = 50
const OBJECT_TEXT = '{"city":"Porto"}'

type Varied = Partial<Omit<SeamSetting, 'url' | 'measured'>>

const settle = async (run: () => Promise<unknown>): Promise<unknown> => {
  try {
    return { answer: withoutIds(await run()) }
  } catch (error) {
    const { name, message, constructor } = error as Error
    return { name, message, constructor }
  }
}

/** Ids are made of the request and its ordinal. */
const withoutIds = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/[0-9a-f]{24}/g, 'id'))

const settingOf = (harness: Harness, varied: Varied): Omit<SeamSetting, 'measured'> => ({
  url: harness.stub.url,
  doubled: false,
  stream: false,
  tools: false,
  retries: 0,
  timeoutMs: NEVER_MS,
  signal: undefined,
  ...varied,
})

/** The same run without the seam and with it, each with the same answers; `vary` is asked for each. */
const compared = async ({ run }: Seam, script: () => StubScript, vary: () => Varied) => {
  const harness = await startHarness()
  try {
    harness.stub.reset(script())
    const plain = await settle(() => run({ ...settingOf(harness, { ...vary(), doubled: false }), measured: false }))
    expect(harness.spans()).toEqual([])
    harness.stub.reset(script())
    const seen = await withAttribution(WHO, () => settle(() => run({ ...settingOf(harness, vary()), measured: true })))
    expect(seen).toEqual(plain)
    await expect.poll(() => harness.spans().length, { interval: 10, timeout: 3_000 }).toBeGreaterThan(0)
    return { harness, seen, spans: harness.spans(), [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() }
  } catch (error) {
    await harness[Symbol.asyncDispose]()
    throw error
  }
}

/** Meters of each call, those that are not 0; a call without usage has none. Evidence that is at odds fails. */
const billed = ({ folded }: Seam, harness: Harness): readonly object[] =>
  settledCalls(harness.spans()).map(({ meters, usageStatus, inclusion, flags }) => {
    expect(flags).not.toContain('raw_mismatch')
    if (usageStatus === 'reported' && folded === undefined) expect(inclusion).toBe('raw')
    return Object.fromEntries(Object.entries(meters).filter(([, quantity]) => quantity !== 0))
  })

const never = (): StubAnswer => ({ delayMs: NEVER_MS })

const abortedSoon = (): Varied => {
  const aborting = new AbortController()
  setTimeout(() => aborting.abort(), SOON_MS)
  return { signal: aborting.signal }
}

describe.each(SEAMS)('$id', (seam) => {
  const { meters, provider, folded = meters } = seam
  const answer: StubAnswer = { meters, text: OBJECT_TEXT }
  const kinds: readonly (readonly [title: string, varied: Varied])[] = [
    ['an answer', { stream: false }],
    ...(seam.streams === 'never' ? [] : [['a stream', { stream: true }] as const]),
  ]

  test.each(kinds)('%s is what the framework gives, counted to the token', async (_, varied) => {
    await using run = await compared(
      seam,
      () => [answer],
      () => varied,
    )
    expect(run.seen).toHaveProperty('answer')
    expect(billed(seam, run.harness)).toEqual([folded])
    expect(run.harness.attributes()).toMatchObject({ 'gen_ai.provider.name': provider, 'outlay.tenant.id': 'acme' })
    expect(run.harness.attributes()['gen_ai.request.model']).toBeTypeOf('string')
    expect(JSON.stringify(run.harness.attributes())).not.toContain(PROMPT)
  })

  test.each(seam.toolless === true ? [] : kinds)('%s that asks for a tool makes two calls', async (_, varied) => {
    const script = () => [
      { meters, toolCall: { name: seam.toolName ?? WEATHER.name, arguments: WEATHER.arguments } },
      answer,
    ]
    await using run = await compared(seam, script, () => ({ ...varied, tools: true }))
    expect(JSON.stringify(run.seen)).toContain('Porto')
    expect(run.harness.stub.requests).toHaveLength(2)
    expect(billed(seam, run.harness)).toEqual([folded, folded])
  })

  test.each(kinds)('%s that is refused fails with the framework’s own error', async (_, varied) => {
    // As often as the framework asks.
    const script = () => () => ({ error: { status: 400, message: PROMPT } })
    await using run = await compared(seam, script, () => varied)
    expect(run.seen).toHaveProperty('constructor')
    expect(run.harness.attributes()).toMatchObject({ 'error.type': '400', 'outlay.usage.status': 'absent' })
    expect(run.spans[0]?.status).toEqual({ code: SpanStatusCode.ERROR })
    expect(JSON.stringify(run.harness.attributes())).not.toContain(PROMPT)
  })

  test.each(seam.unabortable === true ? [] : kinds)(
    '%s that the app aborts is no failure, and may have been billed',
    async (_, varied) => {
      await using run = await compared(
        seam,
        () => never,
        () => ({ ...varied, ...abortedSoon() }),
      )
      expect(run.harness.attributes()['outlay.usage.status']).toBe('partial')
      expect(run.spans[0]?.status.code).toBe(SpanStatusCode.UNSET)
    },
  )

  test.each(kinds)(
    '%s that takes too long fails as the framework says, and may have been billed',
    async (_, varied) => {
      await using run = await compared(
        seam,
        () => never,
        () => ({ ...varied, timeoutMs: SOON_MS }),
      )
      expect(run.harness.attributes()['outlay.usage.status']).toBe('partial')
    },
  )

  test.each(kinds)('%s at the second try is billed once', async (_, varied) => {
    const script = () => [{ error: { status: 503, retryable: true } }, answer]
    await using run = await compared(seam, script, () => ({ ...varied, retries: 1 }))
    expect(run.harness.stub.requests).toHaveLength(2)
    const tries = seam.retriedBy === 'above' ? [{}, folded] : [folded]
    expect(billed(seam, run.harness)).toEqual(tries)
  })

  test.each(kinds)('%s without attribution is refused before anything is sent', async (_, varied) => {
    await using harness = await startHarness()
    await expect(seam.run({ ...settingOf(harness, varied), measured: true })).rejects.toMatchObject({
      code: 'E_ATTRIBUTION_MISSING',
    })
    expect(harness.stub.requests).toEqual([])
  })

  const doubledKinds = seam.doubledBy === undefined ? [] : kinds
  test.each(doubledKinds)(`%s that ${seam.doubledBy} see too is counted once`, async (_, varied) => {
    await using run = await compared(
      seam,
      () => [answer],
      () => ({ ...varied, doubled: true }),
    )
    expect(billed(seam, run.harness)).toEqual([folded])
  })

  test.each(doubledKinds)(`%s in a trace that ${seam.doubledBy} see too is counted once`, async (_, varied) => {
    await using harness = await startHarness({ script: [answer] })
    const setting = { ...settingOf(harness, { ...varied, doubled: true }), measured: true }
    await withAttribution(WHO, () =>
      trace.getTracer('app').startActiveSpan('request', (span) => seam.run(setting).finally(() => span.end())),
    )
    expect(billed(seam, harness)).toEqual([folded])
  })
})
