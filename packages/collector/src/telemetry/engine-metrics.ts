/**
 * The embedded engine beside the collector (collector §12), as whoever started it counts. Where a server stands in its place
 * the counters stay at 0.
 */
import { Counter, type Registry } from 'prom-client'

export interface EngineCounts {
  /** Engine processes that took the place of one that had died. */
  readonly restarts: number
  /** Statements by what came of them: ok, failed, refused. */
  readonly queries: ReadonlyMap<string, number>
  /** Statements of readers that the guard refused, by its rule. */
  readonly refusals: ReadonlyMap<string, number>
}

export const NO_ENGINE: EngineCounts = {
  restarts: 0,
  queries: new Map(),
  refusals: new Map(),
}

const QUERY_RESULTS = ['ok', 'failed', 'refused']
/** The rules of the guard that there are; one that an upgrade adds appears with its first refusal. */
const GUARD_RULES = ['function', 'unknown-function', 'table', 'describe', 'explain', 'syntax', 'write']

export const registerEngineMetrics = (registry: Registry, read: () => EngineCounts): void => {
  const registers = [registry]
  const restarts: Counter = new Counter({
    name: 'outlay_engine_restarts_total',
    help: 'Engine processes that took the place of one that had died',
    registers,
    collect: () => {
      restarts.reset()
      restarts.inc(read().restarts)
    },
  })
  const byLabel = (
    name: string,
    help: string,
    { label, known, counts }: { label: string; known: readonly string[]; counts: () => ReadonlyMap<string, number> },
  ): void => {
    const collect = (): void => {
      counter.reset()
      for (const value of known) counter.inc({ [label]: value }, 0)
      for (const [value, count] of counts()) counter.inc({ [label]: value }, count)
    }
    const counter: Counter = new Counter({ name, help, labelNames: [label], registers, collect })
  }
  byLabel('outlay_engine_queries_total', 'Statements that the embedded engine answered', {
    label: 'result',
    known: QUERY_RESULTS,
    counts: () => read().queries,
  })
  byLabel('outlay_engine_guard_refusals_total', 'Statements that the guard of readers refused', {
    label: 'rule',
    known: GUARD_RULES,
    counts: () => read().refusals,
  })
}
