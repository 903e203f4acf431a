/** Blocks that the database has not answered for: how many, and for how long. */
import { Gauge, type Registry } from 'prom-client'

const MS_PER_SECOND = 1_000

export interface InDoubt {
  /** Ends when the returned function is called. */
  begin(table: string): () => void
}

export const createInDoubt = (registry: Registry): InDoubt => {
  const registers = [registry]
  const since = new Map<symbol, number>()
  const units = new Gauge({
    name: 'outlay_units_in_doubt',
    help: 'Sealed blocks that the database has not answered for',
    labelNames: ['table'],
    registers,
  })
  const oldest: Gauge = new Gauge({
    name: 'outlay_oldest_in_doubt_seconds',
    help: 'Since when the oldest of them is being sent; 0 without any',
    registers,
    collect: () => {
      const started = Math.min(...since.values())
      oldest.set(since.size === 0 ? 0 : (performance.now() - started) / MS_PER_SECOND)
    },
  })
  return {
    begin: (table) => {
      const block = Symbol(table)
      since.set(block, performance.now())
      units.inc({ table })
      return () => {
        since.delete(block)
        units.dec({ table })
      }
    },
  }
}
