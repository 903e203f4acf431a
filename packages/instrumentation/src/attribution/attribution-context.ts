/**
 * Attribution travels in the OTel context, thus across awaits, timers and callbacks.
 * Invariants: a scope never changes what encloses it; what is in the context has been checked and hashed.
 */
import { type Attributes, type Context, context, createContextKey, diag } from '@opentelemetry/api'
import { OutlayError, randomHex } from '@outlay/core'
import { type ActiveAttribution, type Attribution, attributesOf, mergeAttribution } from './attribution.ts'
import { currentPolicy } from './policy.ts'

export interface AttributionScope {
  readonly attribution: ActiveAttribution
  /** Prepared once; never changed. */
  readonly attributes: Readonly<Attributes>
  /** What takes its place once another user key takes effect. */
  readonly next?: { readonly fromMs: number; readonly scope: AttributionScope }
}

/** The key's name is global: two copies of this package in one process share it. */
const SCOPE_KEY = createContextKey('outlay.attribution')

const NO_ATTRIBUTION: AttributionScope = { attribution: {}, attributes: {} }

export const scopeOf = (from: Context): AttributionScope => {
  const scope = (from.getValue(SCOPE_KEY) as AttributionScope | undefined) ?? NO_ATTRIBUTION
  return scope.next === undefined || currentPolicy().clock.now() < scope.next.fromMs ? scope : scope.next.scope
}

/** What a model call made here would be attributed to. The user is already hashed. */
export const currentAttribution = (): ActiveAttribution => scopeOf(context.active()).attribution

/**
 * Runs `fn`; every model call in it, also after awaits, belongs to what is given here and around it.
 *
 * ```ts
 * await withAttribution({ tenant: 'acme', feature: 'inbox', workload: 'agent' }, () => handle(request))
 * ```
 * Under `onMissing: 'throw'` a value of the wrong form fails with `E_ATTRIBUTION_VALUE`; otherwise the scope is left
 * out and a warning goes to OTel's `diag`. A user without a `userKey` always fails with `E_USER_KEY`.
 */
export const withAttribution = <Result>(attribution: Attribution, fn: () => Result): Result => runIn(attribution, fn)

export interface TaskOptions extends Attribution {
  /** Kind of task, e.g. `inbox-triage`. Default: the feature. */
  readonly type?: string | undefined
  /** Your own id; default: a new one. Give the same id to continue a task elsewhere. */
  readonly id?: string | undefined
}

/**
 * Runs `fn` as one user-visible task: its calls share a task id. A task inside a task names it as its parent.
 * Fails as `withAttribution` does.
 */
export const withTask = <Result>({ type, id, ...attribution }: TaskOptions, fn: () => Result): Result => {
  const outer = currentAttribution()
  const task = id ?? `task_${randomHex(12)}`
  const parentTask = outer.task === undefined || outer.task === task ? outer.parentTask : outer.task
  // An inner task has its own type: the outer one's must not show through.
  return runIn({ ...attribution, task, parentTask, taskType: type }, fn, { ...outer, taskType: undefined })
}

/** Scope of `given` laid over `outer`. Fails as `mergeAttribution` does. */
export const layScope = (given: ActiveAttribution, outer: ActiveAttribution): AttributionScope => {
  const attribution = mergeAttribution(outer, given)
  const scope = { attribution, attributes: attributesOf(attribution) }
  const { nextUser, ...rest } = attribution
  if (nextUser === undefined) return scope
  const next = { ...rest, user: nextUser.id }
  return { ...scope, next: { fromMs: nextUser.fromMs, scope: { attribution: next, attributes: attributesOf(next) } } }
}

/** `from` with `scope` in place of whatever it had. */
export const contextWith = (from: Context, scope: AttributionScope): Context => from.setValue(SCOPE_KEY, scope)

const runIn = <Result>(given: ActiveAttribution, fn: () => Result, outer = currentAttribution()): Result => {
  let scope: AttributionScope
  try {
    scope = layScope(given, outer)
  } catch (error) {
    const refused = error instanceof OutlayError && error.code === 'E_ATTRIBUTION_VALUE'
    if (!refused || currentPolicy().onMissing === 'throw') throw error
    diag.warn(`outlay: ${error.message}`)
    return fn()
  }
  return context.with(contextWith(context.active(), scope), fn)
}
