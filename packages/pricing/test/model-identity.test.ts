import { describe, expect, test } from 'vitest'
import { type BookData, compilePriceBook, foldSku, type PriceSelectorsInput, resolveSku } from '#src/index.ts'
import { at, compile, HEAD, model, overlaySources } from './books.ts'

const selectors = (given: Partial<PriceSelectorsInput>): PriceSelectorsInput => ({
  provider: '',
  host: '',
  requestModel: '',
  responseModel: '',
  serviceTier: '',
  batch: false,
  speed: '',
  region: '',
  ...given,
})

const CLAUDE_ELSEWHERE = {
  file: 'elsewhere.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
regions: {google: {regional: regional}, openrouter: {"": ""}}
tiers: {openrouter: {standard: standard}}
models:
- provider: google
  model: claude-sonnet-4-5-20250929
  names: {exact: [claude-sonnet-4-5-20250929]}
  sheets:
  - {tier: standard, src: vertex-pricing, grade: D, cells: {input: "3"}}
  derive:
  - {regions: [regional], times: "1.1", src: vertex-pricing, grade: D}
- provider: openrouter
  model: anthropic/claude-opus-5
  names: {exact: [anthropic/claude-opus-5]}
  sheets:
  - {tier: standard, src: vertex-pricing, grade: D, cells: {input: "5"}}
- provider: openai
  model: "ft:gpt-4o-2024-08-06"
  names: {exact: ["ft:gpt-4o-2024-08-06"]}
  sheets:
  - {tier: standard, src: openai-pricing, grade: D, cells: {input: "3.75"}}
`,
}

const book = compilePriceBook([...overlaySources(), CLAUDE_ELSEWHERE])

const identify = (given: Partial<PriceSelectorsInput>, instant = '2026-11-18T00:00:00Z', data: BookData = book) => {
  const resolved = resolveSku(data, foldSku(selectors(given), { inputTotal: 1000, startMs: 0 }, data), at(instant))
  const canonical = `${resolved.provider} · ${resolved.model} · ${resolved.region} · ${resolved.tier}`
  return resolved.state === 'ok' ? canonical : resolved.state
}

const BEDROCK = 'anthropic.claude-sonnet-4-5-20250929-v1:0'

describe('a raw name is resolved to who bills, the model and the region', () => {
  test.each<[string, Partial<PriceSelectorsInput>, string]>([
    [
      'a self-hosted proxy',
      { provider: 'litellm', requestModel: 'anthropic/claude-opus-5' },
      'anthropic · claude-opus-5 ·  · standard',
    ],
    [
      'an OpenAI client at a proxy',
      { provider: 'openai', host: 'llm.internal', requestModel: 'anthropic/claude-opus-5' },
      'anthropic · claude-opus-5 ·  · standard',
    ],
    [
      'a vendor that repeats itself',
      { provider: 'openai', requestModel: 'openai/gpt-5.4' },
      'openai · gpt-5.4 ·  · standard',
    ],
    [
      'a gateway that sends the invoice',
      { provider: 'openai', host: 'openrouter.ai', requestModel: 'anthropic/claude-opus-5' },
      'openrouter · anthropic/claude-opus-5 ·  · standard',
    ],
    [
      'a gateway without prices of its own',
      { provider: 'openai', host: 'ai-gateway.vercel.sh', requestModel: 'openai/gpt-5.4' },
      'unpriced_model',
    ],
    ['a reseller', { provider: 'openai', host: 'api.groq.com', requestModel: 'openai/gpt-5.4' }, 'unpriced_model'],
    ['a reseller that no table knows', { provider: 'somebody', requestModel: 'openai/gpt-5.4' }, 'unpriced_model'],
    [
      'a Bedrock geographic profile',
      { provider: 'aws.bedrock', requestModel: `us.${BEDROCK}` },
      'aws · claude-sonnet-4-5-20250929 · geo · standard',
    ],
    [
      'a Bedrock global profile, wherever it was called',
      { provider: 'bedrock', requestModel: `global.${BEDROCK}`, region: 'eu-west-1' },
      'aws · claude-sonnet-4-5-20250929 ·  · standard',
    ],
    [
      'a Bedrock model in its region',
      { provider: 'bedrock', requestModel: BEDROCK, region: 'us-east-1' },
      'aws · claude-sonnet-4-5-20250929 · regional · standard',
    ],
    [
      'GovCloud by name',
      { provider: 'bedrock', requestModel: `us-gov.${BEDROCK}` },
      'aws · claude-sonnet-4-5-20250929 · gov · standard',
    ],
    [
      'GovCloud by where the call ran',
      { provider: 'bedrock', requestModel: BEDROCK, region: 'us-gov-west-1' },
      'aws · claude-sonnet-4-5-20250929 · gov · standard',
    ],
    [
      'an inference-profile ARN',
      { provider: 'bedrock', requestModel: `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${BEDROCK}` },
      'aws · claude-sonnet-4-5-20250929 · geo · standard',
    ],
    [
      'a foundation-model ARN of GovCloud',
      { provider: 'bedrock', requestModel: `arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${BEDROCK}` },
      'aws · claude-sonnet-4-5-20250929 · gov · standard',
    ],
    [
      'an application inference profile',
      { provider: 'bedrock', requestModel: 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc' },
      'unpriced_model',
    ],
    [
      'an Azure deployment',
      { host: 'acme.openai.azure.com', provider: 'openai', requestModel: 'prod-chat' },
      'unpriced_model',
    ],
    [
      'Vertex in one location',
      { provider: 'gcp.vertex_ai', requestModel: 'claude-sonnet-4-5@20250929', region: 'us-east5' },
      'google · claude-sonnet-4-5-20250929 · regional · standard',
    ],
    [
      'Vertex global',
      {
        provider: 'gcp.vertex_ai',
        requestModel: 'publishers/anthropic/models/claude-sonnet-4-5@20250929',
        region: 'global',
      },
      'google · claude-sonnet-4-5-20250929 ·  · standard',
    ],
    [
      'a Gemini resource name',
      { provider: 'gcp.gemini', requestModel: 'models/gemini-2.5-pro' },
      'google · gemini-2.5-pro ·  · standard',
    ],
    [
      'a fine-tune',
      { provider: 'openai', requestModel: 'ft:gpt-4o-2024-08-06:acme::x' },
      'openai · ft:gpt-4o-2024-08-06 ·  · standard',
    ],
    [
      'a long-context mark',
      { provider: 'anthropic', requestModel: 'claude-opus-5[1m]' },
      'anthropic · claude-opus-5 ·  · standard',
    ],
    [
      'a batch suffix',
      { provider: 'anthropic', requestModel: 'claude-opus-5:batch' },
      'anthropic · claude-opus-5 ·  · batch',
    ],
    [
      'a batch suffix on a fast call',
      { provider: 'anthropic', requestModel: 'claude-opus-5:batch', speed: 'fast' },
      'unpriced_tier',
    ],
    [
      'a dated snapshot',
      { provider: 'anthropic', requestModel: 'claude-opus-5-20260724' },
      'anthropic · claude-opus-5 ·  · standard',
    ],
    [
      'a snapshot in a style that the model does not use',
      { provider: 'anthropic', requestModel: 'claude-opus-5-2026-07-24' },
      'unpriced_model',
    ],
    [
      'a snapshot with something behind it',
      { provider: 'anthropic', requestModel: 'claude-opus-5-20260724-v2' },
      'unpriced_model',
    ],
    [
      'a name that only starts like another',
      { provider: 'anthropic', requestModel: 'claude-sonnet-5-7' },
      'unpriced_model',
    ],
    ['a name with other capitals', { provider: 'anthropic', requestModel: 'Claude-Opus-5' }, 'unpriced_model'],
    ['white space around it', { provider: ' OpenAI ', requestModel: ' gpt-5.4 ' }, 'openai · gpt-5.4 ·  · standard'],
    [
      'a name that is a property of every object',
      { provider: 'constructor', requestModel: '__proto__', region: 'toString' },
      'unpriced_model',
    ],
    [
      'a regional OpenAI host',
      { provider: 'openai', host: 'eu.api.openai.com', requestModel: 'gpt-5.4' },
      'openai · gpt-5.4 · eu · standard',
    ],
    [
      'a fallback: the response model is priced',
      { provider: 'openai', requestModel: 'gpt-5.5', responseModel: 'gpt-5.4-2026-03-05' },
      'openai · gpt-5.4 ·  · standard',
    ],
  ])('%s', (_, given, canonical) => {
    expect(identify(given)).toBe(canonical)
  })

  test('a name means what it meant at the time of the call', () => {
    const flash = { provider: 'deepseek', requestModel: 'deepseek-v4-flash' }
    expect(identify(flash, '2026-09-09T15:59:59Z')).toBe('deepseek · deepseek-v4-flash ·  · standard')
    expect(identify(flash, '2026-09-09T16:00:00Z')).toBe('deepseek · deepseek-flash ·  · standard')
    expect(identify({ provider: 'openai', requestModel: 'gpt-4o' }, '2024-10-01T23:59:59Z')).toContain(
      'gpt-4o-2024-05-13',
    )
    expect(identify({ provider: 'openai', requestModel: 'gpt-4o' }, '2024-10-02T00:00:00Z')).toContain('· gpt-4o ·')
  })

  test('an exact name beats a snapshot rule', () => {
    const other = model({ rest: 'names: {exact: [one-20260101]}' }).replace('model: one', 'model: two')
    const own = compile(`${model({ rest: 'names: {exact: [one], snapshot: yyyymmdd}' })}\n${other}`, HEAD)
    const ask = (name: string) => identify({ provider: 'acme', requestModel: name }, '2026-06-01', own)
    expect(ask('one-20260101')).toContain('· two ·')
    expect(ask('one-20260102')).toContain('· one ·')
  })
})

describe('the served tier is billed', () => {
  test.each<[string, Partial<PriceSelectorsInput>, string]>([
    ['nothing said', {}, 'standard'],
    ['default', { serviceTier: 'default' }, 'standard'],
    ['batch', { batch: true }, 'batch'],
    ['batch that says so twice', { batch: true, serviceTier: 'batch' }, 'batch'],
    ['batch answered as standard', { batch: true, serviceTier: 'standard' }, 'batch'],
    ['fast', { speed: 'fast' }, 'fast'],
    ['a standard speed', { speed: 'standard' }, 'standard'],
    ['batch and fast, which no list offers', { batch: true, speed: 'fast' }, 'unpriced_tier'],
    ['a tier that no table knows', { serviceTier: 'Platinum' }, 'unpriced_tier'],
    ['a tier without prices', { serviceTier: 'priority' }, 'unpriced_tier'],
  ])('%s', (_, given, tier) => {
    expect(identify({ provider: 'anthropic', requestModel: 'claude-opus-5', ...given })).toMatch(new RegExp(`${tier}$`))
  })

  test("OpenAI's fast is priority, Google's upper-case traffic types are known", () => {
    expect(identify({ provider: 'openai', requestModel: 'gpt-6.1-sol', serviceTier: 'fast' })).toMatch(/priority$/)
    const google = { provider: 'gemini', requestModel: 'gemini-3.8-flash', serviceTier: 'ON_DEMAND_FLEX' }
    expect(identify(google)).toMatch(/flex$/)
  })
})
