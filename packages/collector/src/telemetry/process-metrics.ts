/** What the process itself is and holds (collector §12). */
import { readFileSync } from 'node:fs'
import { Gauge, type Registry } from 'prom-client'

const versionOf = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String((manifest as { version?: unknown }).version)
}

export const registerBuildInfo = (registry: Registry): void => {
  new Gauge({
    name: 'outlay_build_info',
    help: '1, with the version of Outlay and of Node',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: versionOf(), node: process.versions.node }, 1)
}

/** Bytes that wait for a stage: `turn` = read and not yet inflated and stripped, `commit` = stripped and not yet fsynced. */
export const registerQueues = (registry: Registry, stages: Readonly<Record<'turn' | 'commit', () => number>>): void => {
  const bytes: Gauge<'stage'> = new Gauge({
    name: 'outlay_worker_queue_bytes',
    help: 'Bytes of requests that wait for a stage of the receive path',
    labelNames: ['stage'],
    registers: [registry],
    collect: () => {
      for (const [stage, read] of Object.entries(stages)) bytes.set({ stage }, read())
    },
  })
}
