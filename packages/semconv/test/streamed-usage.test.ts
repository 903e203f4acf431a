import { describe, expect, test } from 'vitest'
import { createStreamedUsage, readRawUsage, type StreamApi } from '@outlay/semconv'

/** Usage and certainty after each event. */
const follow = (api: StreamApi, events: readonly unknown[]): (readonly [unknown, boolean])[] => {
  const streamed = createStreamedUsage(api)
  return events.map((event) => {
    streamed.read(event)
    return [streamed.usage, streamed.counted]
  })
}

const lastOf = (api: StreamApi, events: readonly unknown[]) => {
  const streamed = createStreamedUsage(api)
  for (const event of events) streamed.read(event)
  const { usage, counted, finished, outputKnown } = streamed
  return { usage, counted, finished, outputKnown }
}

describe('OpenAI Chat', () => {
  const delta = { choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }], usage: null }
  const stop = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }

  test('usage comes in one further chunk without choices', () => {
    expect(follow('openai_chat', [delta, stop, { choices: [], usage }])).toEqual([
      [undefined, false],
      [undefined, false],
      [usage, true],
    ])
  })

  test('running totals with every chunk are final at the end of the answer only', () => {
    const running = (completion_tokens: number, finish_reason: string | null) => ({
      choices: [{ finish_reason }],
      usage: { prompt_tokens: 11, completion_tokens },
    })
    const events = [running(1, null), running(5, null), running(7, 'stop')]
    expect(follow('openai_chat', events).map(([, counted]) => counted)).toEqual([false, false, true])
    expect(lastOf('openai_chat', events).usage).toEqual({ prompt_tokens: 11, completion_tokens: 7 })
  })

  test('a stream that breaks off after running totals is not counted', () => {
    const broken = [{ choices: [{ finish_reason: null }], usage: { prompt_tokens: 11, completion_tokens: 1 } }, stop]
    expect(lastOf('openai_chat', broken)).toMatchObject({ counted: false, finished: true })
  })
})

describe('OpenAI Responses', () => {
  test.each(['response.completed', 'response.incomplete', 'response.failed'])('%s carries the usage', (type) => {
    const usage = { input_tokens: 11, output_tokens: 7 }
    const started = { type: 'response.created', response: { id: 'r', usage: null } }
    expect(lastOf('openai_responses', [started, { type, response: { id: 'r', usage } }])).toMatchObject({
      usage,
      counted: true,
    })
  })

  test('a response that failed without usage has none', () => {
    const failed = { type: 'response.failed', response: { usage: null } }
    expect(lastOf('openai_responses', [failed])).toMatchObject({ usage: undefined, counted: false, finished: true })
  })
})

describe('Anthropic', () => {
  const start = {
    type: 'message_start',
    message: { usage: { input_tokens: 11, cache_read_input_tokens: 3, output_tokens: 1 } },
  }

  test('the output of message_start is a placeholder; each message_delta replaces and never adds', () => {
    const delta = (output_tokens: number, rest: object = {}) => ({
      type: 'message_delta',
      usage: { output_tokens, ...rest },
    })
    const events = [
      start,
      delta(4),
      delta(9, { input_tokens: 12, cache_read_input_tokens: null }),
      { type: 'message_stop' },
    ]
    expect(follow('anthropic_messages', events).map(([, counted]) => counted)).toEqual([false, false, false, true])
    expect(lastOf('anthropic_messages', events).usage).toEqual({
      input_tokens: 12,
      cache_read_input_tokens: 3,
      output_tokens: 9,
    })
  })

  test('an aborted stream keeps its input, and its output is unknown', () => {
    expect(lastOf('anthropic_messages', [start])).toMatchObject({ outputKnown: false, counted: false, finished: false })
  })

  test('nothing is written into the events', () => {
    const events = [start, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }]
    const before = structuredClone(events)
    expect(lastOf('anthropic_messages', events).counted).toBe(true)
    expect(events).toEqual(before)
  })
})

describe('Gemini', () => {
  test('the last defined value of each field counts', () => {
    const events = [
      { usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 2, totalTokenCount: 13 } },
      { usageMetadata: { promptTokenCount: 11, thoughtsTokenCount: 5, candidatesTokenCount: undefined } },
      {
        candidates: [{ finishReason: 'STOP' }],
        usageMetadata: { candidatesTokenCount: 7, totalTokenCount: 23 },
      },
    ]
    expect(lastOf('gemini', events)).toMatchObject({
      usage: { promptTokenCount: 11, thoughtsTokenCount: 5, candidatesTokenCount: 7, totalTokenCount: 23 },
      counted: true,
    })
  })

  test('before its end the totals are running ones', () => {
    expect(lastOf('gemini', [{ usageMetadata: { promptTokenCount: 11 } }])).toMatchObject({ counted: false })
  })
})

describe('Bedrock', () => {
  test('Converse: one metadata event after the end', () => {
    const usage = { inputTokens: 11, outputTokens: 7, totalTokens: 18 }
    const events = [{ messageStop: { stopReason: 'end_turn' } }, { metadata: { usage } }]
    expect(follow('bedrock_converse', events)).toEqual([
      [undefined, false],
      [usage, true],
    ])
  })

  test('InvokeModel: events of Anthropic, with the metrics of Bedrock in the last one', () => {
    const events = [
      {
        type: 'message_start',
        message: { usage: { input_tokens: 11, output_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 4 } } },
      },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } },
      {
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 11, outputTokenCount: 9, cacheWriteInputTokenCount: 4 },
      },
    ]
    const { usage, counted } = lastOf('bedrock_invoke', events)
    expect(counted).toBe(true)
    // The metrics do not know how long the cache lives.
    expect(usage).toEqual({ input_tokens: 11, output_tokens: 9, cache_creation: { ephemeral_1h_input_tokens: 4 } })
    expect(readRawUsage({ provider: 'aws.bedrock' }, usage)?.meters).toEqual({
      input: 11,
      cache_write_1h: 4,
      output: 9,
    })
  })

  test('InvokeModel: events of Anthropic without their own end, which the metrics tell', () => {
    const metrics = { inputTokenCount: 11, outputTokenCount: 9 }
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 11, output_tokens: 1 } } },
      { type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics },
    ]
    expect(lastOf('bedrock_invoke', events)).toMatchObject({ usage: metrics, counted: true })
  })

  test.each([
    ['Nova', { metadata: { usage: { inputTokens: 11, outputTokens: 9, cacheReadInputTokenCount: 4 } } }],
    [
      'OpenAI',
      { choices: [], usage: { prompt_tokens: 15, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 4 } } },
    ],
  ])('InvokeModel: events of %s, whose own usage knows more than the metrics', (_, last) => {
    const events = [{ ...last, 'amazon-bedrock-invocationMetrics': { inputTokenCount: 15, outputTokenCount: 9 } }]
    const { usage, counted } = lastOf('bedrock_invoke', events)
    expect(counted).toBe(true)
    expect(readRawUsage({ provider: 'aws.bedrock' }, usage)?.meters).toEqual({ input: 11, cache_read: 4, output: 9 })
  })

  test('InvokeModel of another model: nothing but the metrics', () => {
    const events = [
      { outputText: 'a' },
      { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 11, outputTokenCount: 9 } },
    ]
    const { usage, counted } = lastOf('bedrock_invoke', events)
    expect(counted).toBe(true)
    expect(readRawUsage({ host: '', provider: 'aws.bedrock', model: '' }, usage)).toMatchObject({
      meters: { input: 11, output: 9 },
    })
  })
})

describe('others', () => {
  test('Mistral: in the last chunk', () => {
    const usage = { promptTokens: 11, completionTokens: 7, totalTokens: 18 }
    const events = [
      { data: { choices: [{ finishReason: null }] } },
      { data: { choices: [{ finishReason: 'stop' }], usage } },
    ]
    expect(lastOf('mistral', events)).toMatchObject({ usage, counted: true })
  })

  test('Cohere: at the end of the message', () => {
    const usage = { billedUnits: { inputTokens: 11, outputTokens: 7 } }
    expect(lastOf('cohere', [{ type: 'content-delta' }, { type: 'message-end', delta: { usage } }])).toMatchObject({
      usage,
      counted: true,
    })
  })

  test.each([undefined, null, 'text', 7, [], [{ usage: { input_tokens: 1 } }], { usage: 'text' }, { usage: [] }])(
    'what is no event says nothing: %j',
    (event) => {
      expect(lastOf('openai_chat', [event])).toEqual({
        usage: undefined,
        counted: false,
        finished: false,
        outputKnown: false,
      })
    },
  )
})
