/** Wrapped streams behave like the SDK's own, and every way of leaving one is counted. */
import { SpanStatusCode } from '@opentelemetry/api'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { withAttribution } from '#src/index.ts'
import { chatRequest, drain, type Harness, messageRequest, PATIENT, readSome, startHarness, WHO } from './harness.ts'

const chatStream = ({ openai }: Harness) =>
  withAttribution(WHO, () => openai.chat.completions.create(chatRequest({ stream: true })))
const responseStream = ({ openai }: Harness) =>
  withAttribution(WHO, () => openai.responses.create({ model: 'gpt-5', input: 'hello', stream: true }))
const messageStream = ({ anthropic }: Harness) =>
  withAttribution(WHO, () => anthropic.messages.create(messageRequest({ stream: true })))

const STREAMS = [
  { title: 'chat', open: chatStream },
  { title: 'responses', open: responseStream },
  { title: 'messages', open: messageStream },
] as const

describe.each(STREAMS)('a $title stream', ({ open }) => {
  test('that the caller leaves early is partial and no failure', async () => {
    await using harness = await startHarness()
    await readSome<unknown>(await open(harness), 2)
    expect(harness.attributes()['outlay.usage.status']).toBe('partial')
    expect(harness.spans()[0]?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('that the caller aborts between reads is partial', async () => {
    await using harness = await startHarness({ script: [{ stallAfterChunks: 2 }] })
    const stream = await open(harness)
    await stream[Symbol.asyncIterator]().next()
    expect(harness.spans()).toHaveLength(0)
    stream.controller.abort()
    expect(harness.attributes()['outlay.usage.status']).toBe('partial')
  })

  test('that breaks off is partial and gives the caller the same kind of error', async () => {
    await using harness = await startHarness({ script: [{ abortAfterChunks: 3 }] })
    await expect(async () => drain<unknown>(await open(harness))).rejects.toThrow(/terminated|closed|reset/i)
    expect(harness.attributes()['outlay.usage.status']).toBe('partial')
    expect(harness.attributes()['error.type']).toBeTypeOf('string')
    expect(harness.spans()[0]?.status).toEqual({ code: SpanStatusCode.ERROR })
  })

  test('ends its span once when it is split with tee', async () => {
    await using harness = await startHarness()
    const [left, right] = (await open(harness)).tee()
    const [a, b] = await Promise.all([drain<unknown>(left), drain<unknown>(right)])
    expect(a).toEqual(b)
    expect(harness.attributes()['outlay.usage.status']).toBe('reported')
  })

  test('is counted when it is read as a ReadableStream', async () => {
    await using harness = await startHarness()
    await new Response((await open(harness)).toReadableStream()).text()
    expect(harness.attributes()['outlay.usage.status']).toBe('reported')
  })

  test('keeps its span open until it is read', async () => {
    await using harness = await startHarness()
    const stream = await open(harness)
    expect(harness.spans()).toHaveLength(0)
    await drain<unknown>(stream)
    expect(harness.spans()).toHaveLength(1)
  })
})

describe('usage of a chat stream', () => {
  const bodyOf = ({ stub }: Harness) => stub.requests[0]?.body as { stream_options?: unknown }

  test('is asked for, and the extra chunk stays hidden, when the caller did not ask', async () => {
    await using harness = await startHarness()
    const plain = new OpenAI({ apiKey: 'stub', baseURL: harness.stub.openaiUrl })
    const expected = await drain(await plain.chat.completions.create(chatRequest({ stream: true })))
    harness.stub.reset()
    const seen = await drain(await chatStream(harness))
    expect(bodyOf(harness).stream_options).toEqual({ include_usage: true })
    // Ids differ from request to request; everything else is what an unwrapped client sees.
    expect(seen.map((chunk) => ({ ...chunk, id: '' }))).toEqual(expected.map((chunk) => ({ ...chunk, id: '' })))
    expect(harness.attributes()['outlay.usage.status']).toBe('reported')
  })

  test('reaches the caller who asked for it', async () => {
    await using harness = await startHarness()
    const request = chatRequest({ stream: true, stream_options: { include_usage: true } })
    const chunks = await drain(await withAttribution(WHO, () => harness.openai.chat.completions.create(request)))
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } })
    expect(harness.attributes()['outlay.usage.status']).toBe('reported')
  })

  test.each([
    ['false', { include_usage: false }],
    ['null', null],
  ])('is left out when the caller said %s, and the call is listed as absent', async (_, options) => {
    await using harness = await startHarness()
    const request = chatRequest({ stream: true, stream_options: options })
    await drain(await withAttribution(WHO, () => harness.openai.chat.completions.create(request)))
    expect(bodyOf(harness).stream_options).toEqual(options)
    expect(harness.attributes()['outlay.usage.status']).toBe('absent')
  })

  test('is added to other stream options, and the caller’s object is not touched', async () => {
    await using harness = await startHarness()
    const request = chatRequest({ stream: true, stream_options: { include_obfuscation: false } })
    await drain(await withAttribution(WHO, () => harness.openai.chat.completions.create(request)))
    expect(bodyOf(harness).stream_options).toEqual({ include_obfuscation: false, include_usage: true })
    expect(request.stream_options).toEqual({ include_obfuscation: false })
  })
})

test('a message stream that stops before its last counters reports the input and no output', async () => {
  await using harness = await startHarness({ script: [{ meters: { input: 7, cache_read: 9, output: 500 } }] })
  await readSome(await messageStream(harness), 3)
  const attributes = harness.attributes()
  expect(attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 16, 'outlay.usage.status': 'partial' })
  expect(attributes['gen_ai.usage.output_tokens']).toBeUndefined()
})

test('aborting the message stream helper is partial', async () => {
  await using harness = await startHarness({ script: [{ stallAfterChunks: 3 }] })
  const stream = withAttribution(WHO, () => harness.anthropic.messages.stream(messageRequest()))
  await expect(async () => {
    for await (const event of stream) if (event.type === 'content_block_start') stream.abort()
  }).rejects.toThrow(/aborted/)
  await expect.poll(() => harness.spans().length, PATIENT).toBe(1)
  expect(harness.attributes()['outlay.usage.status']).toBe('partial')
})

test('an error event in the stream reaches the caller and fails the span', async () => {
  await using harness = await startHarness({ script: [{ errorAfterChunks: 4 }] })
  await expect(async () => drain(await messageStream(harness))).rejects.toThrow(/overload/)
  expect(harness.attributes()).toMatchObject({ 'outlay.usage.status': 'partial', 'error.type': 'APIError' })
})
