/** What observes LangChain: it emits no spans itself. */
import { type CaseId, casesUnder, nameOf, prefixOf } from '../cases.ts'
import type { Emitter, Programs, Sight } from '../emitter.ts'

/** LangChain streams no objects, and a refused attempt it repeats only after a second or more. */
const CASES = (['chat', 'responses', 'messages'] as const).flatMap((prefix) =>
  casesUnder(prefix, ['object_stream', 'retry', 'agent']),
)
const PACKAGES = ['@langchain/core', '@langchain/openai', '@langchain/anthropic']

/**
 * By default LangChain calls its handlers later, from a queue. A span then begins in the context of whatever filled the
 * queue before, which may be another task.
 */
const load = async () => {
  process.env['LANGCHAIN_CALLBACKS_BACKGROUND'] = 'false'
  return { ...(await import('../programs/langchain.ts')), manager: await import('@langchain/core/callbacks/manager') }
}

/** LangChain adds the placeholder of Anthropic's first event to the count of the last one. */
const streamedBy = (id: CaseId): Pick<Sight, 'addedOutput'> =>
  prefixOf(id) === 'messages' && nameOf(id).endsWith('stream') ? { addedOutput: 1 } : {}

const WRITES_AS_INPUT = { cache_write_5m: 'input', cache_write_1h: 'input' } as const

/** Zero cache counts are left out, and cache writes altogether. */
const openinferenceSight = (id: CaseId): Sight => ({
  hidesProvider: true,
  cacheSplit: nameOf(id).startsWith('cache') ? 'reported' : 'unknown',
  folds: { ...WRITES_AS_INPUT, ...(prefixOf(id) === 'messages' ? { output_reasoning: 'output' } : {}) },
  ...streamedBy(id),
})

const openinference: Emitter = {
  id: 'openinference-langchain',
  packages: ['@arizeai/openinference-instrumentation-langchain', ...PACKAGES],
  attributedBy: 'root_span',
  cases: CASES,
  sight: openinferenceSight,
  start: async () => {
    const { langChainPrograms, manager } = await load()
    const { LangChainInstrumentation } = await import('@arizeai/openinference-instrumentation-langchain')
    new LangChainInstrumentation().manuallyInstrument(manager)
    return langChainPrograms()
  },
}

/** It reads two counters of what LangChain passes on from the provider, and knows no other fields. */
const traceloopSight = (id: CaseId): Sight => {
  const isStream = nameOf(id).endsWith('stream')
  if (prefixOf(id) === 'responses' && !isStream) return { unseen: true }
  const folds = { cache_read: 'input', output_reasoning: 'output', ...WRITES_AS_INPUT } as const
  // Anthropic's own input has no caches in it. Streams are summed up by LangChain, caches included.
  const drops = prefixOf(id) === 'messages' && !isStream ? CACHES : []
  return { cacheSplit: 'unknown', folds, drops, ...streamedBy(id) }
}

const CACHES = ['cache_read', 'cache_write_5m', 'cache_write_1h'] as const

const traceloop: Emitter = {
  id: 'traceloop-langchain',
  packages: ['@traceloop/instrumentation-langchain', ...PACKAGES],
  attributedBy: 'root_span',
  cases: CASES,
  sight: traceloopSight,
  start: async () => {
    const { langChainPrograms, manager } = await load()
    const { LangChainInstrumentation } = await import('@traceloop/instrumentation-langchain')
    new LangChainInstrumentation().manuallyInstrument({ callbackManagerModule: manager })
    return langChainPrograms()
  },
}

/** No lifetimes of caches; of Anthropic no reasoning. That reasoning lies beside the output is proven by the numbers. */
const langfuseSight = (id: CaseId): Sight => {
  const ttl = { cache_write_5m: 'cache_write_unknown', cache_write_1h: 'cache_write_unknown' } as const
  if (prefixOf(id) === 'messages') return { folds: { ...ttl, output_reasoning: 'output' }, ...streamedBy(id) }
  return { flags: nameOf(id) === 'reasoning' ? ['reasoning_over_output'] : [] }
}

const langfuse: Emitter = {
  id: 'langfuse-langchain',
  packages: ['@langfuse/langchain', ...PACKAGES],
  attributedBy: 'root_span',
  cases: CASES,
  sight: langfuseSight,
  start: async (): Promise<Programs> => {
    const { langChainPrograms } = await load()
    const { CallbackHandler } = await import('@langfuse/langchain')
    return langChainPrograms([new CallbackHandler()])
  },
}

export const LANGCHAIN_EMITTERS: readonly Emitter[] = [openinference, traceloop, langfuse]
