/** Spans and a contract for questions about single calls. */
import { OUTLAY } from '@outlay/semconv'
import { type MadeUpSpan, ownCall } from './otlp-spans.ts'

const { [OUTLAY.USAGE_RAW]: _, ...about } = ownCall(0, 0).attributes ?? {}
/** A span of another maker's agent framework that sums up 3,000 and 50 tokens of gpt-5. */
export const agentRun = (trace: number, span: number): MadeUpSpan => ({
  trace,
  span,
  scope: 'some.agents',
  name: 'run agent',
  attributes: {
    ...about,
    [OUTLAY.TASK_ID]: `task-${trace}`,
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.usage.input_tokens': 3_000,
    'gen_ai.usage.output_tokens': 50,
  },
})

export const withAttributes = (call: MadeUpSpan, attributes: MadeUpSpan['attributes']): MadeUpSpan => ({
  ...call,
  attributes: { ...call.attributes, ...attributes },
})

/** globex has agreed on yuan for gpt-5. */
export const YUAN_OF_GLOBEX = {
  card: 'tenant:globex',
  file: 'globex.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: CNY
card: "tenant:globex"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
models:
- provider: openai
  model: gpt-5
  sheets:
  - {tier: standard, src: signed, grade: A, cells: {input: "9", output: "72"}}
`,
}
