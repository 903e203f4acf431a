/** What a prompt is made of, in tokens. */
import { encode } from 'gpt-tokenizer'
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { afterEach, expect, test } from 'vitest'
import { withAttribution } from '#src/index.ts'
import { countLayers, type Layers, withLayers } from '#src/layers.ts'
import { CANARY, chatRequest, startHarness, WHO } from './harness.ts'
import { settledCalls } from './settled.ts'

afterEach(() => diag.disable())

const tools = [{ type: 'function', function: { name: 'weather', parameters: { city: 'string' } } }]

test('each layer is counted as the tokenizer of the model maker counts it', () => {
  expect(countLayers({ prompt: 'hello world', tool: tools, memory: ['one', 'two three'] })).toEqual({
    prompt: encode('hello world').length,
    tool: encode(JSON.stringify(tools)).length,
    memory: encode('one\ntwo three').length,
  })
  expect(countLayers({ prompt: 'hello world' })).toEqual({ prompt: 2 })
  expect(countLayers({ memory: '' })).toEqual({ memory: 0 })
})

test('calls in the scope carry the counts to the ledger, others do not', async () => {
  await using harness = await startHarness()
  const call = () => harness.openai.chat.completions.create(chatRequest())
  await withAttribution(WHO, async () => {
    await withLayers({ prompt: `hello ${CANARY}`, tool: tools }, call)
    await call()
  })
  const [inside, outside] = harness.spans().map(({ attributes }) => attributes)
  expect(inside).toMatchObject({ 'outlay.layer.tool_tokens': encode(JSON.stringify(tools)).length })
  expect(inside).not.toHaveProperty('outlay.layer.memory_tokens')
  expect(outside).not.toHaveProperty('outlay.layer.prompt_tokens')
  expect(JSON.stringify([inside, outside])).not.toContain(CANARY)
  const settled = settledCalls(harness.spans()).map(({ layers }) => layers.prompt)
  expect(new Set(settled)).toEqual(new Set([0, encode(`hello ${CANARY}`).length]))
})

test('long runs are counted in pieces, prose around them as it is', () => {
  const prose = 'one two three. '.repeat(200)
  const run = Array.from({ length: 3_000 }, (_, index) => 'qxjzkv'[(index * index) % 6]).join('')
  const whole = encode(`${prose}${run} ${prose}`).length
  const { prompt = 0 } = countLayers({ prompt: `${prose}${run} ${prose}` })
  expect(prompt).toBeGreaterThanOrEqual(whole)
  expect(prompt - whole).toBeLessThanOrEqual(Math.ceil(3_000 / 512) + 1)
})

test('the longest text that is taken is counted, however it is made', () => {
  const { layerCharactersMax } = limits.instrumentation
  expect(countLayers({ prompt: 'x'.repeat(layerCharactersMax) }).prompt).toBeGreaterThan(layerCharactersMax / 100)
  expect(countLayers({ prompt: ' '.repeat(layerCharactersMax) }).prompt).toBeGreaterThan(0)
})

test('a word that means something to the model is counted as text', () => {
  expect(countLayers({ prompt: '<|endoftext|>' }).prompt).toBeGreaterThan(1)
})

const circular: { itself?: object } = {}
circular.itself = circular
const REFUSED: readonly (readonly [string, unknown])[] = [
  ['a number', 5],
  ['null', null],
  ['an object that holds itself', circular],
  ['a number of more than 64 bits', [1n]],
  ['a text that is too long', 'x'.repeat(limits.instrumentation.layerCharactersMax + 1)],
]

test.each(REFUSED)('%s is refused before the call is made', async (_, prompt) => {
  await using harness = await startHarness()
  const layers = { prompt } as Layers
  expect(() => withLayers(layers, () => harness.openai.chat.completions.create(chatRequest()))).toThrow(
    expect.objectContaining({ code: 'E_ATTRIBUTION_VALUE' }),
  )
  expect(harness.stub.requests).toEqual([])
})

test.each(REFUSED)('%s is left out with a warning under quarantine', async (_, prompt) => {
  await using harness = await startHarness({ policy: { onMissing: 'quarantine' } })
  const warnings: string[] = []
  diag.setLogger({ warn: (text: string) => warnings.push(text) } as unknown as DiagLogger, DiagLogLevel.WARN)
  await withAttribution(WHO, () =>
    withLayers({ prompt, tool: 'x' } as Layers, () => harness.openai.chat.completions.create(chatRequest())),
  )
  expect(warnings).toEqual([expect.stringContaining('the prompt layer cannot be counted')])
  expect(Object.keys(harness.attributes()).filter((name) => name.startsWith('outlay.layer'))).toEqual([])
})
