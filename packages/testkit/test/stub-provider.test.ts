import { existsSync } from 'node:fs'
import { assert as check, nat, property } from 'fast-check'
import { expect, test } from 'vitest'
import { startStubProvider, tempDir, usageOf } from '#src/index.ts'

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'x-trace': '1' },
    body: JSON.stringify(body),
  })

test('the same request gets the same counters and another response id', async () => {
  await using provider = await startStubProvider()
  const body = { model: 'gpt-5', messages: [{ role: 'user', content: 'hello' }] }
  const first = await (await post(`${provider.openaiUrl}/chat/completions`, body)).json()
  const second = await (await post(`${provider.openaiUrl}/chat/completions`, body)).json()
  expect(second).toMatchObject({ usage: (first as { usage: unknown }).usage, model: 'gpt-5' })
  expect((second as { id: string }).id).not.toBe((first as { id: string }).id)
})

test('requests are kept without credentials', async () => {
  await using provider = await startStubProvider()
  await post(`${provider.url}/v1/messages`, { model: 'claude-haiku-5-5', messages: [] })
  expect(provider.requests).toHaveLength(1)
  expect(provider.requests[0]).toMatchObject({
    method: 'POST',
    path: '/v1/messages',
    api: 'anthropic.messages',
    body: { model: 'claude-haiku-5-5' },
  })
  expect(provider.requests[0]?.headers).toMatchObject({ 'x-trace': '1' })
  expect(JSON.stringify(provider.requests)).not.toContain('secret')
})

test('a script is used in order and then the defaults answer', async () => {
  await using provider = await startStubProvider({ script: [{ error: { status: 429 } }, { text: 'second' }] })
  const ask = (): Promise<Response> => post(`${provider.openaiUrl}/responses`, { model: 'gpt-5', input: 'x' })
  expect((await ask()).status).toBe(429)
  expect(await (await ask()).text()).toContain('second')
  expect((await ask()).status).toBe(200)
})

test('callers that share the stub are told apart by what stands before the path, and so is what was served', async () => {
  await using provider = await startStubProvider({
    script: ({ lane }) => (lane === '/a' ? { meters: { input: 7, output: 3 } } : { error: { status: 500 } }),
  })
  const body = { model: 'claude-haiku-5-5', messages: [] }
  const answer = await (await post(`${provider.url}/a/v1/messages`, body)).json()
  await post(`${provider.url}/b/v1/messages`, body)
  expect(provider.requests.map(({ lane, path }) => [lane, path])).toEqual([
    ['/a', '/v1/messages'],
    ['/b', '/v1/messages'],
  ])
  expect(provider.served).toMatchObject([
    { lane: '/a', api: 'anthropic.messages', model: 'claude-haiku-5-5', usage: { input_tokens: 7, output_tokens: 3 } },
  ])
  expect(provider.served[0]?.responseId).toBe((answer as { id: string }).id)
})

test.each([
  ['/chat/completions', '"finish_reason":"tool_calls"', '{\\"city\\":\\"Porto\\"}'],
  ['/responses', '"type":"function_call"', '{\\"city\\":\\"Porto\\"}'],
  ['/messages', '"stop_reason":"tool_use"', '"input":{"city":"Porto"}'],
])('%s asks for a tool where the script says so', async (path, reason, input) => {
  await using provider = await startStubProvider({
    script: [{ toolCall: { name: 'weather', arguments: { city: 'Porto' } } }],
  })
  const text = await (await post(`${provider.openaiUrl}${path}`, { model: 'some-model', messages: [] })).text()
  expect(text).toContain(reason)
  expect(text).toContain(input)
  expect(text).toContain('weather')
})

test('an unknown path is answered with 404', async () => {
  await using provider = await startStubProvider()
  expect((await post(`${provider.openaiUrl}/nothing`, {})).status).toBe(404)
})

test('Anthropic usage keeps cache counters apart and OpenAI usage includes them', () => {
  const tokens = nat(1_000_000)
  check(
    property(tokens, tokens, tokens, tokens, (input, read, output, reasoning) => {
      const meters = { input, cache_read: read, output, output_reasoning: reasoning }
      expect(usageOf('openai.responses', meters)).toMatchObject({
        input_tokens: input + read,
        input_tokens_details: { cached_tokens: read },
        output_tokens: output + reasoning,
        total_tokens: input + read + output + reasoning,
      })
      expect(usageOf('anthropic.messages', meters)).toMatchObject({
        input_tokens: input,
        cache_read_input_tokens: read,
        output_tokens: output + reasoning,
      })
    }),
  )
})

test('Gemini names model and method in the path, and counts thoughts beside the candidates', async () => {
  const meters = { input: 900, cache_read: 100, output: 40, output_reasoning: 7 }
  await using provider = await startStubProvider({ script: () => ({ meters, text: 'two words' }) })
  const ask = (method: string): Promise<Response> =>
    post(`${provider.url}/some/lane/v1beta/models/gemini-2.5-flash:${method}`, { contents: [] })
  const usage = {
    promptTokenCount: 1_000,
    cachedContentTokenCount: 100,
    candidatesTokenCount: 40,
    thoughtsTokenCount: 7,
    totalTokenCount: 1_047,
  }
  expect(await (await ask('generateContent')).json()).toMatchObject({
    usageMetadata: usage,
    modelVersion: 'gemini-2.5-flash',
  })
  const events = (await (await ask('streamGenerateContent?alt=sse')).text()).trim().split('\n\n')
  const chunks = events.map((event) => JSON.parse(event.replace('data: ', '')) as { usageMetadata: object })
  expect(chunks.map(({ usageMetadata }) => usageMetadata)).toEqual([
    { promptTokenCount: 1_000, totalTokenCount: 1_000 },
    usage,
  ])
  expect(provider.served.map(({ lane, api }) => [lane, api])).toEqual([
    ['/some/lane', 'gemini.generate'],
    ['/some/lane', 'gemini.generate'],
  ])
})

test('a meter that an API cannot report is refused', () => {
  expect(() => usageOf('openai.chat', { cache_write_1h: 5 })).toThrow(/no counter for meter cache_write_1h/)
})

test('a temporary directory is gone when its scope ends', () => {
  let path: string
  {
    using directory = tempDir()
    path = directory.path
    expect(existsSync(path)).toBe(true)
  }
  expect(existsSync(path)).toBe(false)
})
