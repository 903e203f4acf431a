/** The check that stands before every model call. */
import { context } from '@opentelemetry/api'
import { scopeOf } from '#src/attribution/attribution-context.ts'
import { missingFields, settleMissing } from '#src/attribution/missing-attribution.ts'
import { currentPolicy } from '#src/attribution/policy.ts'

/** The error to refuse a call here with; `undefined` lets it through. */
export const refusal = (scope = scopeOf(context.active())): Error | undefined => {
  const policy = currentPolicy()
  const missing = missingFields(scope.attribution, policy)
  return missing.length === 0 ? undefined : settleMissing(missing, policy)
}
