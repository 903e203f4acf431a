/**
 * `node --import @outlay/instrumentation/register app.js`: the clients of every supported SDK that the app imports or requires are
 * measured, and their spans are sent, without a change to the app. Settings come from `OUTLAY_…` variables.
 */
import { diag, DiagConsoleLogger, DiagLogLevel } from '@opentelemetry/api'
import { registerOutlay } from '#src/register.ts'
import { measureLoadedSdks } from './module-hooks.ts'
import { parseSettings } from './settings.ts'

// The app has no place where it could look at our counters, so losses are said.
diag.setLogger(new DiagConsoleLogger(), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
const outlay = registerOutlay(parseSettings(process.env))
measureLoadedSdks()

/** Losses have been said by then. */
const flush = (): Promise<void> => outlay.forceFlush().catch(() => undefined)

// Sending wakes the loop, after which the event comes once more.
process.once('beforeExit', () => void flush())
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    // An app that ends itself in its own way may go on with calls until then.
    const isEndedByApp = process.listenerCount(signal) > 0
    void (isEndedByApp ? flush() : outlay.shutdown().then(() => process.kill(process.pid, signal)))
  })
}
