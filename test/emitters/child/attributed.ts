/** One user-visible task per case, attributed as an application would do it. */
import { trace } from '@opentelemetry/api'
import { withAttribution, withTask } from '@outlay/instrumentation'
import type { AttributedBy } from '../emitter.ts'

const WHO = { tenant: 'acme', feature: 'emitters', workload: 'agent' } as const

/** A span of no GenAI library, on which alone the attribution stands. */
const underRootSpan = (task: string, fn: () => Promise<void>): Promise<void> =>
  trace.getTracer('application').startActiveSpan('handle request', async (span) => {
    span.setAttributes({
      'outlay.tenant.id': WHO.tenant,
      'outlay.feature': WHO.feature,
      'outlay.workload': WHO.workload,
      'outlay.task.id': task,
    })
    try {
      await fn()
    } finally {
      span.end()
    }
  })

/** As with our processor, but below a plain span all the same: records of one call should share a trace. */
const underContext = (task: string, fn: () => Promise<void>): Promise<void> =>
  withAttribution(WHO, () =>
    withTask({ id: task }, () =>
      trace.getTracer('application').startActiveSpan('handle request', async (span) => {
        try {
          await fn()
        } finally {
          span.end()
        }
      }),
    ),
  )

export const attributed = (by: AttributedBy, task: string, fn: () => Promise<void>): Promise<void> =>
  by === 'root_span' ? underRootSpan(task, fn) : underContext(task, fn)
