import { describe, expect, test } from 'vitest'
import { readRawUsage } from '@outlay/semconv'
import { metersOf, read } from './raw-usage-reading.ts'

describe('other providers', () => {
  test('DeepSeek: hits and misses', () => {
    const usage = {
      prompt_tokens: 100,
      prompt_cache_hit_tokens: 60,
      prompt_cache_miss_tokens: 40,
      completion_tokens: 30,
      completion_tokens_details: { reasoning_tokens: 10 },
      total_tokens: 130,
    }
    expect(metersOf({ provider: 'deepseek' }, usage)).toEqual({
      input: 40,
      cache_read: 60,
      output: 20,
      output_reasoning: 10,
    })
  })

  test('DeepSeek: hits and misses that do not add up are a conflict', () => {
    const usage = {
      prompt_tokens: 100,
      prompt_cache_hit_tokens: 60,
      prompt_cache_miss_tokens: 41,
      completion_tokens: 3,
    }
    expect(read({ provider: 'deepseek' }, usage)).toMatchObject({ conflict: true, meters: {}, inputTotal: 100 })
  })

  test('Mistral: cached tokens and seconds of audio', () => {
    const usage = {
      promptTokens: 100,
      completionTokens: 5,
      totalTokens: 105,
      promptAudioSeconds: 9,
      promptTokensDetails: { cachedTokens: 30 },
    }
    expect(read({ provider: 'mistral' }, usage).meters).toEqual({
      input: 70,
      cache_read: 30,
      output: 5,
      audio_second: 9,
    })
    expect(read({ host: 'api.mistral.ai' }, { pages_processed: 4 }).meters).toEqual({ page: 4 })
  })

  test('Cohere: billed units as they are; classifications have no meter', () => {
    const usage = {
      billedUnits: { inputTokens: 7, outputTokens: 3, searchUnits: 1, images: 2, imageTokens: 50, classifications: 4 },
      tokens: { inputTokens: 90, outputTokens: 3 },
    }
    expect(metersOf({ provider: 'cohere' }, usage)).toEqual({
      input: 7,
      input_image: 50,
      output: 3,
      search_unit: 1,
      image: 2,
    })
    expect(read({}, usage).flags).toContain('unmapped_unit')
    expect(read({}, { billed_units: { search_units: 1 } })).toMatchObject({
      complete: true,
      meters: { search_unit: 1 },
    })
  })

  test('xAI chat counts reasoning beside completion, its responses inside; ticks are a claimed cost', () => {
    const chat = {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 170,
      prompt_tokens_details: { cached_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 50 },
      num_sources_used: 2,
      cost_in_usd_ticks: 123_456,
    }
    expect(metersOf({ host: 'api.x.ai' }, chat)).toEqual({
      input: 70,
      cache_read: 30,
      output: 20,
      output_reasoning: 50,
      search_unit: 2,
    })
    expect(read({ host: 'api.x.ai' }, chat)).toMatchObject({ reportedCostUsd: '0.0000123456', flags: [] })
    const responses = { input_tokens: 9, output_tokens: 70, output_tokens_details: { reasoning_tokens: 50 } }
    expect(metersOf({ provider: 'xai' }, responses)).toEqual({ input: 9, output: 20, output_reasoning: 50 })
  })

  test('a compatible endpoint of Gemini leaves thoughts out of the completion', () => {
    const usage = { prompt_tokens: 102, completion_tokens: 758, total_tokens: 1725 }
    const hint = { provider: 'openai', host: 'generativelanguage.googleapis.com', model: 'gemini-2.5-pro' }
    expect(metersOf(hint, usage)).toEqual({ input: 102, output: 758, output_reasoning: 865 })
    expect(read(hint, usage).flags).toEqual(['residual_as_reasoning'])
  })

  test('an unknown compatible endpoint: flat cache counters and a total that explains the reasoning', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 115,
      completion_tokens_details: { reasoning_tokens: 5 },
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 20,
    }
    expect(metersOf({ host: 'llm.internal' }, usage)).toEqual({
      input: 20,
      cache_read: 60,
      cache_write_unknown: 20,
      output: 10,
      output_reasoning: 5,
    })
  })

  test('a compatible endpoint that adds its own tokens on top is flagged', () => {
    expect(read({}, { prompt_tokens: 10, completion_tokens: 2, total_tokens: 20 }).flags).toEqual(['total_mismatch'])
  })
})

describe('hostile objects', () => {
  test.each([
    ['null', null],
    ['text', 'hello'],
    ['a list', [1]],
    ['broken JSON', '{"input_tokens":'],
    ['no usage', { a: 1 }],
  ])('%s is not a usage object', (_, usage) => {
    expect(readRawUsage({}, usage)).toBeUndefined()
  })

  test('JSON text is read like the object', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 }
    expect(readRawUsage({}, JSON.stringify(usage))).toEqual(readRawUsage({}, usage))
  })

  test('a number that cannot be a count is absent and flagged', () => {
    const reading = read({ provider: 'openai' }, { prompt_tokens: 10, completion_tokens: -2 })
    expect(reading).toMatchObject({ meters: { input: 10 }, outputReported: false, flags: ['bad_number'] })
  })

  test('more cached than prompt tokens is a conflict, never clamped', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 11 } }
    expect(read({ provider: 'openai' }, usage)).toMatchObject({ conflict: true, meters: {}, inputTotal: 10 })
  })

  test('a total below its parts is a conflict', () => {
    const usage = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 8 }
    expect(read({}, usage)).toMatchObject({ conflict: true, meters: {} })
  })

  test('names of object properties are no counters', () => {
    expect(
      readRawUsage({ provider: 'constructor' }, { constructor: 5, __proto__: { input_tokens: 3 } }),
    ).toBeUndefined()
  })
})
