/**
 * A client class whose instances are measured from the start. All else of it is the class itself: `instanceof`, statics,
 * subclasses.
 */
import { diag } from '@opentelemetry/api'
import { errorTypeOf } from '#src/call/model-call.ts'
import { measureInPlace } from '#src/wrap.ts'

type Class = new (...args: unknown[]) => object

/** One stand-in per class: SDKs export some under two names. */
const standIns = new WeakMap<object, object>()

/** Stands in for `original`; anything but a class is given back as it is. `options` are laid over those of each client. */
export const measuredClass = (original: unknown, options: object | undefined): unknown => {
  if (typeof original !== 'function') return original
  const known = standIns.get(original)
  if (known !== undefined) return known
  const standIn: object = new Proxy(original as Class, {
    construct(target, args: unknown[], newTarget) {
      const given =
        options === undefined ? args : [{ ...(args[0] as object | undefined), ...options }, ...args.slice(1)]
      // Else it is a subclass of the app's own.
      const asked: object = newTarget === standIn ? target : newTarget
      return measured(Reflect.construct<unknown[], object>(target, given, asked as Class))
    },
  })
  standIns.set(original, standIn)
  standIns.set(standIn, standIn)
  return standIn
}

const measured = (client: object): object => {
  try {
    return measureInPlace(client)
  } catch (error) {
    diag.error('outlay: a client could not be measured', errorTypeOf(error))
    return client
  }
}
