/** A worker thread of `queues.test.ts`: says whom its work would be billed to. */
import { parentPort, workerData } from 'node:worker_threads'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { configureAttribution, currentAttribution } from '@outlay/instrumentation'
import { runCarried } from '@outlay/instrumentation/queues'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const { keys } = workerData as { keys: { id: string; secret: string }[] }
configureAttribution({ carrierKeys: keys })
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of threads has no origin
parentPort?.postMessage(runCarried(workerData, currentAttribution))
