/**
 * Who and what a model call is for: the fields, their checks, and the span attributes that they become.
 * Attributes are prepared once per scope, so that a call only copies them.
 */
import type { Attributes } from '@opentelemetry/api'
import { limits, OutlayError } from '@outlay/core'
import { ATTR } from '#src/attribute-names.ts'
import { hashedUser, type NextUser } from './policy.ts'
import { isUserHash } from './user-id.ts'

const WORKLOADS = ['chat', 'agent', 'rag'] as const
export type Workload = (typeof WORKLOADS)[number]

/** Every field is optional: inner scopes add to outer ones. Text is at most 128 bytes of UTF-8. */
export interface Attribution {
  /** Customer that the cost belongs to. */
  readonly tenant?: string | undefined
  /** Your id of the person. Leaves the process only as a keyed hash. */
  readonly user?: string | undefined
  /** `account`: a shared run (nightly job, team bot) that no single user caused. Drops an inherited user. */
  readonly subject?: 'user' | 'account' | undefined
  /** Product surface, e.g. `inbox-assistant`. */
  readonly feature?: string | undefined
  readonly workload?: Workload | undefined
  /** Routing decision, e.g. `small-model-first`. */
  readonly route?: string | undefined
  readonly session?: string | undefined
  /** One user-visible turn of a session. */
  readonly turn?: string | undefined
  /** The customer's plan. */
  readonly tier?: string | undefined
  readonly tool?: string | undefined
  readonly agent?: string | undefined
  readonly promptVersion?: string | undefined
  /** Reasoning effort; default: what the request asks for. */
  readonly effort?: string | undefined
  readonly outcome?: string | undefined
  /** 1 = first. */
  readonly attempt?: number | undefined
  /** The call belongs to a provider batch job. Only Anthropic reports that by itself. */
  readonly batch?: boolean | undefined
  /** Region that the provider bills, where the host does not tell. */
  readonly region?: string | undefined
  /** What the prompt is made of, in tokens counted before packing it. Informative, never billed. */
  readonly layers?: LayerTokens | undefined
  /** Model that was asked for before a budget guard chose another. */
  readonly intendedModel?: string | undefined
  /** What a budget guard decided. */
  readonly overage?: Overage | undefined
}

export interface LayerTokens {
  readonly prompt?: number | undefined
  readonly tool?: number | undefined
  readonly memory?: number | undefined
}

export interface Overage {
  readonly pattern: 'hard_cap' | 'soft_cap' | 'payg'
  readonly action: 'none' | 'denied' | 'degraded' | 'metered'
}

/** Attribution in force: checked, the user hashed, the task known. */
export interface ActiveAttribution extends Attribution {
  readonly task?: string | undefined
  readonly taskType?: string | undefined
  readonly parentTask?: string | undefined
  /** The user's id once another key takes effect: work that is queued before then may be done after it. */
  readonly nextUser?: NextUser | undefined
}

type TextField = {
  [Field in keyof ActiveAttribution]-?: NonNullable<ActiveAttribution[Field]> extends string ? Field : never
}[keyof ActiveAttribution]

const TEXT_FIELDS: Readonly<Record<TextField, string>> = {
  tenant: ATTR.tenant,
  user: ATTR.user,
  subject: ATTR.subject,
  feature: ATTR.feature,
  workload: ATTR.workload,
  task: ATTR.task,
  taskType: ATTR.taskType,
  parentTask: ATTR.parentTask,
  route: ATTR.route,
  session: ATTR.session,
  turn: ATTR.turn,
  tier: ATTR.tier,
  tool: ATTR.tool,
  agent: ATTR.agent,
  promptVersion: ATTR.promptVersion,
  effort: ATTR.effort,
  outcome: ATTR.outcome,
  region: ATTR.region,
  intendedModel: ATTR.intendedModel,
}

const CHOICES: Readonly<Partial<Record<string, readonly string[]>>> = {
  workload: WORKLOADS,
  subject: ['user', 'account'],
  pattern: ['hard_cap', 'soft_cap', 'payg'],
  action: ['none', 'denied', 'degraded', 'metered'],
}

const BYTES_MAX = limits.instrumentation.attributionValueBytesMax
/** No UTF-16 code unit takes more than three bytes of UTF-8. */
const SURELY_SHORT = Math.floor(BYTES_MAX / 3)

/**
 * Lays `given` over `outer`. Undefined keeps the outer value.
 * Fails with `E_ATTRIBUTION_VALUE` on a value of the wrong form, and with `E_USER_KEY` on a user without a key.
 */
export const mergeAttribution = (outer: ActiveAttribution | undefined, given: ActiveAttribution): ActiveAttribution => {
  const merged: Record<string, unknown> = { ...outer }
  if (given.subject === 'account' || given.user !== undefined) delete merged['nextUser']
  if (given.subject === 'account' && given.user === undefined) delete merged['user']
  if (given.user !== undefined && given.subject === undefined) delete merged['subject']
  for (const [field, value] of Object.entries(given)) {
    if (value !== undefined) merged[field] = checkField(field, value)
  }
  if (given.user !== undefined) {
    const { id, next } = hashedUser(String(merged['user']))
    merged['user'] = id
    if (next !== undefined) merged['nextUser'] = next
  }
  return merged
}

const checkField = (field: string, value: unknown): unknown => {
  if (Object.hasOwn(TEXT_FIELDS, field)) return checkText(field, value)
  switch (field) {
    case 'attempt':
      return checkCount(field, value, 1)
    case 'batch':
      if (typeof value === 'boolean') return value
      throw refuse(field, value, 'true or false')
    case 'layers':
      for (const [layer, tokens] of Object.entries(checkObject(field, value))) {
        if (tokens !== undefined) checkCount(`layers.${layer}`, tokens, 0)
      }
      return value
    case 'nextUser': {
      const { id, fromMs } = checkObject(field, value)
      if (typeof id === 'string' && isUserHash(id) && typeof fromMs === 'number') return { id, fromMs }
      throw refuse(field, value, 'a hashed id and the time from which it holds')
    }
    case 'overage':
      for (const part of ['pattern', 'action']) checkText(part, checkObject(field, value)[part])
      return value
    default:
      throw refuse(
        field,
        value,
        `one of ${[...Object.keys(TEXT_FIELDS), 'attempt, batch, layers, overage'].join(', ')}`,
      )
  }
}

const checkObject = (field: string, value: unknown): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refuse(field, value, 'an object')
}

const checkText = (field: string, value: unknown): string => {
  if (typeof value !== 'string' || value === '') throw refuse(field, value, 'text that is not empty')
  // Ids are compared by bytes later on: one form for what looks the same.
  const text = value.normalize('NFC')
  if (text.length > SURELY_SHORT && Buffer.byteLength(text) > BYTES_MAX) {
    throw refuse(field, `${Buffer.byteLength(text)} bytes`, `at most ${BYTES_MAX} bytes of UTF-8`)
  }
  const choices = CHOICES[field]
  if (choices !== undefined && !choices.includes(text)) throw refuse(field, text, choices.join(' | '))
  return text
}

const checkCount = (field: string, value: unknown, least: number): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  throw refuse(field, value, `a whole number from ${least} on`)
}

/** Shows the type of what was given, not the value: it may be a person's name or worse. */
const refuse = (field: string, value: unknown, want: string): OutlayError =>
  new OutlayError('E_ATTRIBUTION_VALUE', `attribution field ${field} has a value of the wrong form`, {
    got: typeof value === 'string' && CHOICES[field] === undefined ? 'text' : describe(value),
    want,
    fix: 'see Attribution in @outlay/instrumentation',
  })

const describe = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, BYTES_MAX))
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value
}

/** The span attributes of an attribution. A task without a type has the feature as its type. */
export const attributesOf = (attribution: ActiveAttribution): Attributes => {
  const attributes: Attributes = {}
  for (const field of Object.keys(TEXT_FIELDS) as TextField[]) {
    const value = attribution[field]
    if (value !== undefined) attributes[TEXT_FIELDS[field]] = value
  }
  const { task, taskType, feature, attempt, batch, layers, overage } = attribution
  if (task !== undefined && taskType === undefined && feature !== undefined) attributes[ATTR.taskType] = feature
  if (attempt !== undefined) attributes[ATTR.attempt] = attempt
  if (batch !== undefined) attributes[ATTR.batch] = batch
  if (layers?.prompt !== undefined) attributes[ATTR.promptTokens] = layers.prompt
  if (layers?.tool !== undefined) attributes[ATTR.toolTokens] = layers.tool
  if (layers?.memory !== undefined) attributes[ATTR.memoryTokens] = layers.memory
  if (overage !== undefined) {
    attributes[ATTR.overagePattern] = overage.pattern
    attributes[ATTR.overageAction] = overage.action
  }
  return attributes
}
