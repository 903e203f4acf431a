/** Whether reasoning lies inside the reported output, and what the total of the output is (spec: counters §8). */
import type { Counters } from './counters.ts'
import type { QualityFlag } from './flags.ts'

export interface OutputQuestion {
  readonly counters: Counters
  readonly inputTotal: number
  /** What the dialect or provider says. `inside` and `outside` are certain; the others let the numbers speak. */
  readonly reasoning: 'inside' | 'outside' | 'expected_inside' | 'expected_outside'
  /** An unexplained rest of the total is reasoning. */
  readonly residualIsReasoning: boolean
}

export interface OutputAnswer {
  readonly outputTotal: number
  /** Undefined = unknown. */
  readonly reasoning: number | undefined
  readonly flags: readonly QualityFlag[]
}

export const resolveOutput = (question: OutputQuestion): OutputAnswer => {
  const answer = placeReasoning(question)
  return isTotalExplained(question, answer.outputTotal)
    ? answer
    : { ...answer, flags: [...answer.flags, 'total_mismatch'] }
}

const placeReasoning = ({
  counters,
  inputTotal,
  reasoning: place,
  residualIsReasoning,
}: OutputQuestion): OutputAnswer => {
  const { output = 0, reasoning, total } = counters
  const bothGiven = counters.input !== undefined && counters.output !== undefined
  const inside = { outputTotal: output, reasoning, flags: [] }
  if (place === 'inside') return inside
  if (reasoning === undefined) {
    const residual = total === undefined ? 0 : total - inputTotal - output
    return bothGiven && residualIsReasoning && residual > 0
      ? { outputTotal: output + residual, reasoning: residual, flags: ['residual_as_reasoning'] }
      : inside
  }
  const outside = output + reasoning
  if (place === 'outside') return { outputTotal: outside, reasoning, flags: [] }
  if (reasoning > output) return { outputTotal: outside, reasoning, flags: ['reasoning_over_output'] }
  if (reasoning > 0 && total === inputTotal + outside) {
    return { outputTotal: outside, reasoning, flags: ['reasoning_added'] }
  }
  if (place === 'expected_outside' && reasoning > 0) {
    return total === inputTotal + output
      ? { ...inside, flags: ['rule_contradicted'] }
      : { outputTotal: outside, reasoning, flags: ['reasoning_added'] }
  }
  return inside
}

/** Many emitters compute the total as input + output, so that sum explains it as well. */
const isTotalExplained = ({ counters, inputTotal }: OutputQuestion, outputTotal: number): boolean => {
  const { input, output, total } = counters
  if (total === undefined || input === undefined || output === undefined) return true
  return total === inputTotal + outputTotal || total === input + output
}
