import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type EmbeddedClickHouse, type EngineEvent, startEmbeddedClickHouse } from '#src/index.ts'

export interface TestEngine {
  readonly engine: EmbeddedClickHouse
  readonly dataDir: string
  readonly events: EngineEvent[]
  readonly reader: ClickHouseClient
  readonly collector: ClickHouseClient
  readonly migrator: ClickHouseClient
  /** Resolves with the next event of this type. */
  next<T extends EngineEvent['type']>(type: T): Promise<Extract<EngineEvent, { type: T }>>
}

export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'outlay-engine-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A real engine on a folder of its own, closed after the suite. */
export const startTestEngine = async (dataDir?: string): Promise<TestEngine> => {
  const folder = dataDir ?? (await temporaryFolder())
  const events: EngineEvent[] = []
  const waiting = new Set<(event: EngineEvent) => void>()
  const engine = await startEmbeddedClickHouse({
    dataDir: folder,
    port: 0,
    onEvent: (event) => {
      events.push(event)
      for (const listener of waiting) listener(event)
    },
  })
  const clientOf = (role: 'reader' | 'collector' | 'migrator'): ClickHouseClient =>
    createClient({ url: engine.url, ...engine.credentials[role], log: { level: ClickHouseLogLevel.OFF } })
  const clients = { reader: clientOf('reader'), collector: clientOf('collector'), migrator: clientOf('migrator') }
  afterAll(async () => {
    await Promise.all(Object.values(clients).map((client) => client.close()))
    await engine.close()
  })
  return {
    engine,
    dataDir: folder,
    events,
    ...clients,
    next: (type) =>
      new Promise((resolve) => {
        const listener = (event: EngineEvent): void => {
          if (event.type !== type) return
          waiting.delete(listener)
          resolve(event as never)
        }
        waiting.add(listener)
      }),
  }
}

/** The rows of a query, as numbers or strings in arrays. */
export const rowsOf = async (client: ClickHouseClient, query: string): Promise<unknown[][]> => {
  const result = await client.query({ query, format: 'JSONCompactEachRow' })
  return result.json()
}
