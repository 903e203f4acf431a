/** Refuses, or notes, a model call that nobody could be billed for. */
import { type Context, context, createContextKey, diag, ROOT_CONTEXT } from '@opentelemetry/api'
import { limits, OutlayError } from '@outlay/core'
import type { ActiveAttribution } from './attribution.ts'
import type { AttributionPolicy, RequiredField } from './policy.ts'

/** `refused`: no request was sent. `recorded`: the call had been made before and shows as unattributed. */
export type MissingOutcome = 'refused' | 'recorded'

const OUTCOMES: Readonly<Record<MissingOutcome, string>> = {
  refused: 'refused before a request was sent',
  recorded: 'recorded as unattributed',
}

/** A model call without required attribution. */
export class MissingAttributionError extends OutlayError {
  /** The missing fields, in the order of `require`. */
  readonly fields: readonly RequiredField[]

  constructor(fields: readonly RequiredField[], fix: string, outcome: MissingOutcome) {
    super('E_ATTRIBUTION_MISSING', `model call without ${fields.join(', ')}: ${OUTCOMES[outcome]}`, {
      want: `${fields.join(', ')} around the call`,
      fix,
    })
    this.name = 'MissingAttributionError'
    this.fields = fields
  }
}

/** What `policy` requires and `attribution` lacks. */
export const missingFields = (attribution: ActiveAttribution, policy: AttributionPolicy): readonly RequiredField[] => {
  if (policy.require.every((field) => attribution[field] !== undefined)) return NONE
  return policy.require.filter(
    (field) => attribution[field] === undefined && !(field === 'user' && attribution.subject === 'account'),
  )
}

const NONE: readonly RequiredField[] = []

/** The error to refuse the call with; `undefined` lets it through. */
export const settleMissing = (
  fields: readonly RequiredField[],
  policy: AttributionPolicy,
  outcome: MissingOutcome = 'refused',
): MissingAttributionError | undefined => {
  if (policy.onMissing === 'throw') return new MissingAttributionError(fields, fixFor(fields), outcome)
  if (policy.onMissing === 'warn') warnOnce(fields)
  return undefined
}

const fixFor = (fields: readonly RequiredField[]): string => {
  const inTask = fields.includes('task')
  const around = fields.filter((field) => field !== 'task')
  const scopes = [
    ...(around.length === 0 ? [] : [`withAttribution({ ${around.join(', ')} }, () => …)`]),
    ...(inTask ? ["withTask({ type: '…' }, () => …)"] : []),
  ]
  return [
    `Put the call inside ${scopes.join(' and ')}, for example where a request enters the app;`,
    "or pass onMissing: 'quarantine' to registerOutlay() to let such calls through",
    ...(contextTravels()
      ? []
      : ['. No OpenTelemetry context manager is active: call registerOutlay() at start-up first']),
  ].join(' ')
}

/** Without a context manager every `withAttribution` is without effect. */
const contextTravels = (): boolean => {
  const probe: Context = ROOT_CONTEXT.setValue(createContextKey('outlay.probe'), true)
  return context.with(probe, () => context.active() === probe)
}

const warned = new Set<string>()

const warnOnce = (fields: readonly RequiredField[]): void => {
  const site = callSite()
  if (warned.has(site) || warned.size >= limits.instrumentation.warnedCallSitesMax) return
  warned.add(site)
  diag.warn(`outlay: model call without ${fields.join(', ')}: it will show as unattributed. Called ${site}`)
}

const OWN_FILES = new URL('..', import.meta.url).href.replace(/^file:\/\//, '')

/** The innermost stack frame outside this package. */
const callSite = (): string => {
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  return (frames.find((frame) => !frame.includes(OWN_FILES)) ?? frames.at(-1) ?? 'from an unknown place').trim()
}
