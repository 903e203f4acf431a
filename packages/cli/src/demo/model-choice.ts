/** Which model a made-up task asks for on a given day: models come and go, as they do. */
import type { Workload } from './demo-company.ts'

export interface DemoModel {
  readonly provider: 'openai' | 'anthropic'
  readonly host: string
  readonly model: string
  /** Output price ÷ input price: what the demo's budget guard counts effective tokens with. */
  readonly outputFactor: number
}

const OPENAI_HOST = 'api.openai.com'
const ANTHROPIC_HOST = 'api.anthropic.com'
const openai = (model: string, outputFactor: number): DemoModel => ({
  provider: 'openai',
  host: OPENAI_HOST,
  model,
  outputFactor,
})
const anthropic = (model: string): DemoModel => ({
  provider: 'anthropic',
  host: ANTHROPIC_HOST,
  model,
  outputFactor: 5,
})

/** Released after everything the price book knows, so that the demo shows what "unpriced" looks like. */
export const UNPRICED_MODEL = openai('lab-preview-7', 4)
export const BUDGET_MODEL = openai('gpt-5.6-luna', 6)

const DAY = {
  sonnet55: Date.UTC(2026, 8, 28),
  opus55: Date.UTC(2026, 8, 22),
} as const

export const premiumModel = (workload: Workload, atMs: number): DemoModel => {
  if (workload === 'chat') return openai('gpt-5', 8)
  if (workload === 'rag') return anthropic(atMs >= DAY.sonnet55 ? 'claude-sonnet-5-5' : 'claude-sonnet-5')
  return anthropic(atMs >= DAY.opus55 ? 'claude-opus-5-5' : 'claude-opus-5')
}
