import type { Clock } from '@outlay/core'
import { Gauge, type Registry } from 'prom-client'

const MS_PER_SECOND = 1_000

interface Waiting {
  readonly traces: number
  readonly oldestOpenedAtMs: number | undefined
}

/** What waits to be settled (collector §12), looked up whenever somebody asks. */
export const registerSettlementMetrics = (registry: Registry, clock: Clock, waiting: () => Waiting): void => {
  const registers = [registry]
  const open: Gauge = new Gauge({
    name: 'outlay_ledger_open_traces',
    help: 'Traces with evidence that is not settled yet',
    registers,
    collect: () => open.set(waiting().traces),
  })
  const oldest: Gauge = new Gauge({
    name: 'outlay_ledger_oldest_unsettled_seconds',
    help: 'Since when the longest waiting trace is open; 0 without any',
    registers,
    collect: () => {
      const { oldestOpenedAtMs = clock.now() } = waiting()
      oldest.set(Math.max(0, clock.now() - oldestOpenedAtMs) / MS_PER_SECOND)
    },
  })
}
