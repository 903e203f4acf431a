/** Realistic counters for one made-up call, as the provider's own usage object would report them. */
import { inputTotalOf, type MeterQuantities, outputTotalOf } from '@outlay/core'
import { usageOf } from '@outlay/testkit'
import type { Workload } from './demo-company.ts'
import type { DemoModel } from './model-choice.ts'
import type { Random } from './random.ts'

export interface SampleCall {
  readonly meters: MeterQuantities
  /** The provider's usage object as JSON. */
  readonly usage: string
  readonly effectiveTokens: number
}

export const NO_TOKENS: MeterQuantities = {}

const metersOf = (workload: Workload, model: DemoModel, step: number, random: Random): MeterQuantities => {
  const caches = model.provider === 'anthropic'
  switch (workload) {
    case 'chat':
      return {
        input: random.between(420, 900),
        output: random.between(50, 110),
        output_reasoning: random.between(0, 30),
      }
    case 'rag': {
      const context = random.between(3_000, 5_200)
      return caches
        ? { input: random.between(300, 700), cache_read: context, output: random.between(120, 260) }
        : { input: context, output: random.between(120, 260) }
    }
    case 'agent': {
      const grown = 700 + step * random.between(90, 160)
      if (!caches) return { input: grown, output: random.between(40, 90), output_reasoning: random.between(0, 20) }
      // The first step writes the cache, every later one reads what is there and appends.
      return step === 0
        ? { input: random.between(60, 140), cache_write_5m: grown, output: random.between(50, 110) }
        : {
            input: random.between(60, 160),
            cache_read: grown,
            output: random.between(40, 100),
            output_reasoning: random.between(0, 25),
          }
    }
  }
}

const apiOf = ({ provider }: DemoModel): 'openai.chat' | 'anthropic.messages' =>
  provider === 'openai' ? 'openai.chat' : 'anthropic.messages'

export const sampleOf = (meters: MeterQuantities, model: DemoModel): SampleCall => ({
  meters,
  usage: JSON.stringify(usageOf(apiOf(model), meters)),
  effectiveTokens: inputTotalOf(meters) + outputTotalOf(meters) * model.outputFactor,
})

export const sampleCall = (workload: Workload, model: DemoModel, step: number, random: Random): SampleCall =>
  sampleOf(metersOf(workload, model, step, random), model)
