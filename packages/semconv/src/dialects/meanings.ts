/** Meanings that many rows of the dialect table share. */
import type { RuleMeaning } from '#src/dialect-rule.ts'

export const ALWAYS = { from: '1970-01-01', to: null } as const

export const INCLUSIVE: RuleMeaning = { cache: 'included', reasoning: 'included', usage: 'reported' }
export const EXCLUSIVE: RuleMeaning = { cache: 'excluded', reasoning: 'included', usage: 'reported' }
/** The emitter writes no cache attributes, or nobody knows what they mean. */
export const UNKNOWN: RuleMeaning = { cache: 'unknown', reasoning: 'included', usage: 'reported' }
/** The emitter passes the provider's own numbers through. */
export const PASSED_THROUGH: RuleMeaning = {
  cache: 'by_provider',
  exclusiveProviders: ['anthropic', 'aws.bedrock'],
  reasoning: 'included',
  usage: 'reported',
}
