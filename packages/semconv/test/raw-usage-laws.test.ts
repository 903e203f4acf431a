import { inputTotalOf, METERS, outputTotalOf } from '@outlay/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRawUsage } from '@outlay/semconv'

const RUNS = 300
const tokens = fc.nat({ max: 100_000 })

/** What a provider really counted; its usage object is written from it as the provider writes it. */
interface Truth {
  readonly text: number
  readonly read: number
  readonly write5m: number
  readonly write1h: number
  readonly tools: number
  readonly answer: number
  readonly reasoning: number
}

const truth: fc.Arbitrary<Truth> = fc.record({
  text: tokens,
  read: tokens,
  write5m: tokens,
  write1h: tokens,
  tools: tokens,
  answer: tokens,
  reasoning: tokens,
})

interface Writer {
  readonly provider: string
  readonly usage: (counted: Truth) => object
  readonly input: (counted: Truth) => number
  readonly output?: (counted: Truth) => number
}

const withReasoning = ({ answer, reasoning }: Truth): number => answer + reasoning

const WRITERS: Readonly<Record<string, Writer>> = {
  'OpenAI Chat': {
    provider: 'openai',
    usage: (t) => ({
      prompt_tokens: t.text + t.read + t.write5m,
      completion_tokens: withReasoning(t),
      total_tokens: t.text + t.read + t.write5m + withReasoning(t),
      prompt_tokens_details: { cached_tokens: t.read, cache_write_tokens: t.write5m },
      completion_tokens_details: { reasoning_tokens: t.reasoning },
    }),
    input: (t) => t.text + t.read + t.write5m,
  },
  'OpenAI Responses': {
    provider: 'openai',
    usage: (t) => ({
      input_tokens: t.text + t.read + t.write5m + t.write1h,
      input_tokens_details: {
        cached_tokens: t.read,
        cache_write_tokens: t.write5m + t.write1h,
        cache_write_tokens_details: { ttl_30m_tokens: t.write5m, ttl_12h_tokens: t.write1h },
      },
      output_tokens: withReasoning(t),
      output_tokens_details: { reasoning_tokens: t.reasoning },
      total_tokens: t.text + t.read + t.write5m + t.write1h + withReasoning(t),
    }),
    input: (t) => t.text + t.read + t.write5m + t.write1h,
  },
  Anthropic: {
    provider: 'anthropic',
    usage: (t) => ({
      input_tokens: t.text,
      cache_read_input_tokens: t.read,
      cache_creation_input_tokens: t.write5m + t.write1h,
      cache_creation: { ephemeral_5m_input_tokens: t.write5m, ephemeral_1h_input_tokens: t.write1h },
      output_tokens: withReasoning(t),
      output_tokens_details: { thinking_tokens: t.reasoning },
    }),
    input: (t) => t.text + t.read + t.write5m + t.write1h,
  },
  Gemini: {
    provider: 'gcp.gemini',
    usage: (t) => ({
      promptTokenCount: t.text + t.read,
      cachedContentTokenCount: t.read,
      toolUsePromptTokenCount: t.tools,
      candidatesTokenCount: t.answer,
      thoughtsTokenCount: t.reasoning,
      totalTokenCount: t.text + t.read + t.tools + withReasoning(t),
    }),
    input: (t) => t.text + t.read + t.tools,
  },
  'Bedrock Converse': {
    provider: 'aws.bedrock',
    usage: (t) => ({
      inputTokens: t.text,
      outputTokens: t.answer,
      cacheReadInputTokens: t.read,
      cacheWriteInputTokens: t.write5m + t.write1h,
      cacheDetails: [
        { ttl: '5m', inputTokens: t.write5m },
        { ttl: '1h', inputTokens: t.write1h },
      ],
      totalTokens: t.text + t.answer + t.read + t.write5m + t.write1h,
    }),
    input: (t) => t.text + t.read + t.write5m + t.write1h,
    output: (t) => t.answer,
  },
  Mistral: {
    provider: 'mistral_ai',
    usage: (t) => ({
      prompt_tokens: t.text + t.read,
      completion_tokens: t.answer,
      total_tokens: t.text + t.read + t.answer,
      num_cached_tokens: t.read,
    }),
    input: (t) => t.text + t.read,
    output: (t) => t.answer,
  },
  DeepSeek: {
    provider: 'deepseek',
    usage: (t) => ({
      prompt_tokens: t.text + t.read,
      prompt_cache_hit_tokens: t.read,
      prompt_cache_miss_tokens: t.text,
      completion_tokens: withReasoning(t),
      completion_tokens_details: { reasoning_tokens: t.reasoning },
      total_tokens: t.text + t.read + withReasoning(t),
    }),
    input: (t) => t.text + t.read,
  },
  'xAI Chat': {
    provider: 'x_ai',
    usage: (t) => ({
      prompt_tokens: t.text + t.read,
      prompt_tokens_details: { cached_tokens: t.read },
      completion_tokens: t.answer,
      completion_tokens_details: { reasoning_tokens: t.reasoning },
      total_tokens: t.text + t.read + withReasoning(t),
      num_sources_used: 0,
    }),
    input: (t) => t.text + t.read,
  },
}

describe.each(Object.entries(WRITERS))(
  'a usage object of %s',
  (_, { provider, usage, input, output = withReasoning }) => {
    const read = (object: object) => {
      const reading = readRawUsage({ host: '', provider, model: '' }, object)
      if (reading === undefined) throw new Error('the shape was not recognised')
      return reading
    }

    test('is split into disjoint meters that sum to what the provider counted', () => {
      fc.assert(
        fc.property(truth, (counted) => {
          const reading = read(usage(counted))
          expect(reading.conflict).toBe(false)
          expect([inputTotalOf(reading.meters), outputTotalOf(reading.meters)]).toEqual([
            input(counted),
            output(counted),
          ])
          expect([reading.inputTotal, reading.outputTotal]).toEqual([input(counted), output(counted)])
          expect(reading.meters.cache_read ?? 0).toBe(counted.read)
        }),
        { numRuns: RUNS },
      )
    })

    test('with any of its counters replaced, sums to its own totals or is a conflict without meters', () => {
      const counters = (object: object): string[] =>
        Object.entries(object).flatMap(([key, value]) => (typeof value === 'number' ? [key] : []))
      fc.assert(
        fc.property(
          truth,
          fc.nat({ max: 20 }),
          fc.oneof(tokens, fc.constantFrom(-1, 1.5, '7', null)),
          (counted, which, other) => {
            const whole = usage(counted)
            const keys = counters(whole)
            const reading = readRawUsage(
              { host: '', provider, model: '' },
              { ...whole, [keys[which % keys.length] ?? '']: other },
            )
            if (reading === undefined) return
            const { meters, conflict, complete, inputTotal, outputTotal } = reading
            // Without an input count an object only supplements what attributes say.
            const sums = complete && !conflict ? [inputTotal, outputTotal] : [0, 0]
            expect([inputTotalOf(meters), outputTotalOf(meters)]).toEqual(sums)
            expect(METERS.every((meter) => (meters[meter] ?? 0) >= 0)).toBe(true)
          },
        ),
        { numRuns: RUNS },
      )
    })
  },
)
