/** What an app with tracing of its own has: a context manager and a policy. */
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { type AttributionPolicy, configureAttribution } from '@outlay/instrumentation'

export const startContext = (policy: Partial<AttributionPolicy>): Disposable => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  configureAttribution(policy)
  return {
    [Symbol.dispose]: () => {
      configureAttribution({})
      context.disable()
    },
  }
}
