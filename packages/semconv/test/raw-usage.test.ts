import { describe, expect, test } from 'vitest'
import { metersOf, read } from './raw-usage-reading.ts'

describe('OpenAI', () => {
  const provider = 'openai'

  test('chat: caches and reasoning are inside, writes have no time to live', () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 300,
      total_tokens: 1300,
      prompt_tokens_details: { cached_tokens: 400, cache_write_tokens: 100, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 200, rejected_prediction_tokens: 10, audio_tokens: 0 },
    }
    expect(metersOf({ provider }, usage)).toEqual({
      input: 500,
      cache_read: 400,
      cache_write_unknown: 100,
      output: 100,
      output_reasoning: 200,
    })
    expect(read({ provider }, usage)).toMatchObject({ shape: 'openai_chat', cacheSplit: 'reported' })
  })

  test('responses: writes are split by time to live', () => {
    const usage = {
      input_tokens: 1000,
      input_tokens_details: {
        cached_tokens: 400,
        cache_write_tokens: 300,
        cache_write_tokens_details: { ttl_30m_tokens: 200, ttl_12h_tokens: 60 },
      },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 1050,
    }
    expect(metersOf({ host: 'api.openai.com' }, usage)).toEqual({
      input: 300,
      cache_read: 400,
      cache_write_30m: 200,
      cache_write_12h: 60,
      cache_write_unknown: 40,
      output: 30,
      output_reasoning: 20,
    })
    expect(read({}, usage).shape).toBe('openai_responses')
  })

  test('embeddings: all prompt, no cache to be unsure of', () => {
    const usage = { prompt_tokens: 8, total_tokens: 8 }
    expect(metersOf({ provider }, usage)).toEqual({ input: 8 })
    expect(read({ provider }, usage)).toMatchObject({ cacheSplit: 'reported', outputReported: false })
  })

  test('realtime: modality and cache are known together', () => {
    const usage = {
      total_tokens: 150,
      input_tokens: 100,
      output_tokens: 50,
      input_token_details: {
        text_tokens: 40,
        audio_tokens: 60,
        cached_tokens: 30,
        cached_tokens_details: { text_tokens: 10, audio_tokens: 20 },
      },
      output_token_details: { text_tokens: 10, audio_tokens: 40 },
    }
    expect(metersOf({ provider }, usage)).toEqual({
      input: 30,
      input_audio: 40,
      cache_read: 10,
      cache_read_audio: 20,
      output: 10,
      output_audio: 40,
    })
  })

  test('cached tokens of unknown modality go to text first, and the row says so', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 50, audio_tokens: 70 },
    }
    expect(metersOf({ provider }, usage)).toEqual({ cache_read: 30, cache_read_audio: 20, input_audio: 50, output: 1 })
    expect(read({ provider }, usage).flags).toContain('cache_modality_estimated')
  })

  test('beyond the text, cached tokens go to audio, then to images', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: 80, audio_tokens: 30, image_tokens: 40 },
    }
    expect(metersOf({ provider }, usage)).toEqual({
      cache_read: 30,
      cache_read_audio: 30,
      cache_read_image: 20,
      input_image: 20,
      output: 1,
    })
  })

  test('cache counters at the top level are not its own: they are read, not lost', () => {
    const usage = { prompt_tokens: 100, completion_tokens: 1, cache_read_input_tokens: 60 }
    expect(metersOf({ provider }, usage)).toEqual({ input: 40, cache_read: 60, output: 1 })
    const exclusive = { input_tokens: 40, output_tokens: 1, cache_read_input_tokens: 60 }
    expect(metersOf({}, exclusive)).toEqual({ input: 40, cache_read: 60, output: 1 })
  })

  test('images: text and image tokens', () => {
    const usage = {
      input_tokens: 50,
      output_tokens: 100,
      total_tokens: 150,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    }
    expect(metersOf({ provider }, usage)).toEqual({ input: 10, input_image: 40, output: 100 })
  })

  test('transcription by duration is seconds of audio', () => {
    const reading = read({ provider }, { type: 'duration', seconds: 12 })
    expect(reading.meters).toEqual({ audio_second: 12 })
    expect(reading).toMatchObject({ complete: true, unitsReported: true })
  })
})

describe('Anthropic', () => {
  const provider = 'anthropic'
  const usage = {
    input_tokens: 3,
    cache_creation_input_tokens: 3000,
    cache_read_input_tokens: 1500,
    cache_creation: { ephemeral_5m_input_tokens: 1900, ephemeral_1h_input_tokens: 1000 },
    output_tokens: 200,
    output_tokens_details: { thinking_tokens: 120 },
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
    service_tier: 'batch',
    speed: 'fast',
    inference_geo: 'us',
  }

  test('input excludes caches; tools, tier, speed and region are read', () => {
    const reading = read({ provider }, usage)
    expect(reading.meters).toEqual({
      input: 3,
      cache_read: 1500,
      cache_write_5m: 1900,
      cache_write_1h: 1000,
      cache_write_unknown: 100,
      output: 80,
      output_reasoning: 120,
      web_search: 2,
      web_fetch: 1,
    })
    expect(reading).toMatchObject({
      inputTotal: 4503,
      outputTotal: 200,
      serviceTier: 'batch',
      speed: 'fast',
      region: 'us',
    })
  })

  test('old responses without times to live', () => {
    const old = { input_tokens: 3, cache_creation_input_tokens: 30, cache_read_input_tokens: 0, output_tokens: 2 }
    expect(metersOf({ provider }, old)).toEqual({ input: 3, cache_write_unknown: 30, output: 2 })
    expect(read({ provider }, old).flags).toContain('cache_ttl_unknown')
  })

  test('its keys beat a proxy that calls itself OpenAI', () => {
    expect(read({ provider: 'openai', host: 'localhost' }, usage).shape).toBe('anthropic')
  })

  test('compactions and advisors are parts, messages are inside', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 900, output_tokens: 90 },
      { type: 'message', input_tokens: 3, output_tokens: 200 },
      {
        type: 'advisor_message',
        model: 'claude-opus-5',
        input_tokens: 40,
        output_tokens: 4,
        cache_read_input_tokens: 7,
      },
      { type: 'compaction', input_tokens: 800, output_tokens: 80 },
    ]
    const { meters, parts } = read({ provider }, { ...usage, iterations })
    expect(meters.input).toBe(3)
    expect(parts.map(({ part, model, reading }) => [part, model, reading.meters])).toEqual([
      ['compaction', '', { input: 900, output: 90 }],
      ['advisor:1', 'claude-opus-5', { input: 40, cache_read: 7, output: 4 }],
      ['compaction:2', '', { input: 800, output: 80 }],
    ])
  })
})

describe('Gemini', () => {
  const provider = 'gemini'

  test('output is the total minus the input side; tool prompts are input; modalities cross with the cache', () => {
    const usage = {
      promptTokenCount: 1000,
      cachedContentTokenCount: 300,
      toolUsePromptTokenCount: 50,
      candidatesTokenCount: 100,
      thoughtsTokenCount: 40,
      totalTokenCount: 1190,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 600 },
        { modality: 'AUDIO', tokenCount: 300 },
        { modality: 'VIDEO', tokenCount: 60 },
        { modality: 'DOCUMENT', tokenCount: 40 },
      ],
      cacheTokensDetails: [
        { modality: 'TEXT', tokenCount: 200 },
        { modality: 'AUDIO', tokenCount: 80 },
        { modality: 'VIDEO', tokenCount: 20 },
      ],
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 60 }],
      trafficType: 'ON_DEMAND_FLEX',
    }
    expect(metersOf({ provider }, usage)).toEqual({
      input: 490,
      input_audio: 220,
      input_video: 40,
      cache_read: 220,
      cache_read_audio: 80,
      output: 40,
      output_image: 60,
      output_reasoning: 40,
    })
    expect(read({ provider }, usage)).toMatchObject({ flags: ['modality_folded'], serviceTier: 'ON_DEMAND_FLEX' })
  })

  test('snake case, and thoughts that a backend counts inside candidates', () => {
    const usage = {
      prompt_token_count: 10,
      candidates_token_count: 30,
      thoughts_token_count: 20,
      total_token_count: 40,
    }
    expect(metersOf({}, usage)).toEqual({ input: 10, output: 10, output_reasoning: 20 })
  })

  test('without a total candidates and thoughts are assumed to be separate', () => {
    const usage = { promptTokenCount: 10, candidatesTokenCount: 30, thoughtsTokenCount: 20 }
    expect(metersOf({}, usage)).toEqual({ input: 10, output: 30, output_reasoning: 20 })
    expect(read({}, usage).flags).toEqual(['assumed'])
  })

  test('Live spells the output differently', () => {
    const usage = { promptTokenCount: 10, responseTokenCount: 5, totalTokenCount: 15 }
    expect(metersOf({ provider }, usage)).toEqual({ input: 10, output: 5 })
  })
})

describe('Bedrock', () => {
  const host = 'bedrock-runtime.us-east-1.amazonaws.com'

  test('Converse: input excludes caches, times to live come as a list', () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 20,
      totalTokens: 160,
      cacheReadInputTokens: 50,
      cacheWriteInputTokens: 80,
      cacheDetails: [
        { ttl: '5m', inputTokens: 30 },
        { ttl: '1h', inputTokens: 40 },
      ],
    }
    expect(metersOf({ host }, usage)).toEqual({
      input: 10,
      cache_read: 50,
      cache_write_5m: 30,
      cache_write_1h: 40,
      cache_write_unknown: 10,
      output: 20,
    })
    expect(read({ host }, usage).flags).not.toContain('total_mismatch')
  })

  test('streams and InvokeModel say TokenCount', () => {
    const usage = {
      inputTokenCount: 10,
      outputTokenCount: 20,
      cacheReadInputTokenCount: 5,
      cacheWriteInputTokenCount: 1,
    }
    expect(metersOf({ host }, usage)).toEqual({ input: 10, cache_read: 5, cache_write_unknown: 1, output: 20 })
  })

  test('a body of Anthropic keeps its own shape', () => {
    const usage = { input_tokens: 10, output_tokens: 2, cache_creation_input_tokens: 4, cache_read_input_tokens: 5 }
    expect(read({ host }, usage)).toMatchObject({ shape: 'anthropic', inputTotal: 19 })
  })

  test('a body of Llama is not one of Gemini, whose output has another name', () => {
    const usage = { prompt_token_count: 10, generation_token_count: 20 }
    expect(metersOf({ host }, usage)).toEqual({ input: 10, output: 20 })
    expect(metersOf({}, usage)).toEqual({ input: 10, output: 20 })
  })

  test('a body of Titan lists its answers', () => {
    const usage = { inputTextTokenCount: 10, results: [{ tokenCount: 20 }, { tokenCount: 5 }] }
    expect(metersOf({ host }, usage)).toEqual({ input: 10, output: 25 })
    expect(metersOf({ host }, { inputTextTokenCount: 10 })).toEqual({ input: 10 })
  })

  test('only reads: no write key, still exclusive', () => {
    const usage = { inputTokens: 10, outputTokens: 2, totalTokens: 17, cacheReadInputTokens: 5 }
    expect(metersOf({ host }, usage)).toEqual({ input: 10, cache_read: 5, output: 2 })
  })

  test('an object without an input count is partial and bills nothing by itself', () => {
    const reading = read({ host }, { cacheWriteInputTokens: 80, cacheDetails: [{ ttl: '1h', inputTokens: 80 }] })
    expect(reading).toMatchObject({ complete: false, meters: {}, counters: { cacheWrite: 80, write1h: 80 } })
  })
})
