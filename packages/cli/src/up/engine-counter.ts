/** Adds up what the embedded engine reports, for the metrics of the collector beside it. */
import type { EngineCounts } from '@outlay/collector'
import type { EngineEvent } from '@outlay/embedded-clickhouse'

export interface EngineCounter {
  onEvent(event: EngineEvent): void
  read(): EngineCounts
}

export const createEngineCounter = (): EngineCounter => {
  let starts = 0
  const queries = new Map<string, number>()
  const refusals = new Map<string, number>()
  const add = (counts: Map<string, number>, name: string, by: number): void => {
    counts.set(name, (counts.get(name) ?? 0) + by)
  }
  return {
    onEvent: (event) => {
      if (event.type === 'ready') starts += 1
      else if (event.type === 'query-refused') add(refusals, event.rule, 1)
      else if (event.type === 'queries-answered')
        for (const [result, count] of Object.entries(event.counts)) add(queries, result, Number(count))
    },
    read: () => ({ restarts: Math.max(0, starts - 1), queries, refusals }),
  }
}
