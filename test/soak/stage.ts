/** Everything that takes part in a soak, and the handles that break it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, prepareDatabase, type ClickHouseClient } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import { loadPackagedBook } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { type CollectorChild, startCollectorChild } from '../harness/collector-child.ts'
import { type DatabaseGate, openDatabaseGate } from '../harness/database-gate.ts'
import type { SenderMessage, SenderSettings } from './sender-messages.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

export const DATABASE = 'outlay'
const SENDERS = 2
/** Of the lanes of a sender: hundreds of requests a second. */
const BUSY_PAUSE_MS = 40
/** Sooner than in production, and seldom enough for an engine that is killed all the time. */
const SETTLING = { quietPeriodMs: 200, quietPeriodOwnDialectMs: 200, unitAgeMs: 200, pricePollMs: 1_000 }

export interface Stage {
  readonly client: ClickHouseClient
  /** Of the engine itself, past the gate. */
  readonly engineUrl: string
  readonly credentials: { readonly username: string; readonly password: string }
  readonly gate: DatabaseGate
  readonly walDirectory: string
  readonly senderFiles: readonly string[]
  /** Absent where this process may not mount one. */
  readonly disk: SmallDisk | undefined
  readonly noDiskBecause: string
  readonly collector: CollectorChild | undefined
  killCollector(): Promise<void>
  /** Resolves with the exit code of a collector that was asked to stop. */
  stopCollector(): Promise<number>
  startCollector(): Promise<void>
  /** SIGKILL; resolves when its successor is ready. */
  killEngine(): Promise<void>
  /** Resolves when the last request of every sender is answered or given up. */
  stopSenders(): Promise<void>
  close(): Promise<void>
}

const startSender = (settings: SenderSettings): ChildProcess =>
  fork(`${import.meta.dirname}/sender.ts`, [JSON.stringify(settings)])

interface StageSettings {
  readonly seed: number
  /** Longest pause of one of the eight lanes of the senders between two requests. */
  readonly pauseMsMax?: number
  /** Whether the log is to have a small disk of its own, which can be filled. */
  readonly smallDisk?: boolean
  /** Flags of Node for the collector. */
  readonly execArgv?: readonly string[]
}

export const setStage = async ({
  seed,
  pauseMsMax = BUSY_PAUSE_MS,
  smallDisk = true,
  execArgv = [],
}: StageSettings): Promise<Stage> => {
  const directory = tempDir('outlay-soak-')
  let enginePid = 0
  let engineReady = Promise.withResolvers<void>()
  const engine = await startEmbeddedClickHouse({
    dataDir: `${directory.path}/engine`,
    port: 0,
    onEvent: (event) => {
      if (event.type !== 'ready') return
      enginePid = event.pid
      engineReady.resolve()
    },
  })
  const credentials = engine.credentials.migrator
  const client = connect({ url: engine.url, ...credentials, database: 'default' })
  await prepareDatabase({ client, target: { database: DATABASE }, book: loadPackagedBook(), clock: systemClock })
  const gate = await openDatabaseGate(engine.url, 'open')
  const mounted = smallDisk ? mountSmallDisk(`${directory.path}/disk`) : { refused: 'none was asked for' }
  const disk = 'refused' in mounted ? undefined : mounted
  const walDirectory = `${directory.path}/disk/wal`
  const senderFiles = Array.from({ length: SENDERS }, (_, sender) => `${directory.path}/sender-${sender}.jsonl`)
  const senders = senderFiles.map((file, sender) => startSender({ seed, sender, file, pauseMsMax }))
  const gone = senders.map((sender) => once(sender, 'exit'))
  const tell = (message: SenderMessage): void => {
    for (const sender of senders) if (sender.connected) sender.send(message)
  }
  let collector: CollectorChild | undefined
  const leaveNothingBehind = (): void => {
    for (const sender of senders) sender.kill('SIGKILL')
    void collector?.kill()
  }
  process.once('exit', leaveNothingBehind)
  return {
    client,
    engineUrl: engine.url,
    credentials,
    gate,
    walDirectory,
    senderFiles,
    disk,
    noDiskBecause: 'refused' in mounted ? mounted.refused : '',
    get collector() {
      return collector
    },
    killCollector: async () => {
      await collector?.kill()
      collector = undefined
    },
    stopCollector: async () => {
      const code = (await collector?.stop()) ?? 0
      collector = undefined
      return code
    },
    startCollector: async () => {
      const placement = {
        database: DATABASE,
        walDirectory,
        databaseUrl: gate.url,
        credentials,
        settling: SETTLING,
        execArgv,
      }
      collector = await startCollectorChild(placement)
      tell({ type: 'url', url: collector.url })
    },
    killEngine: async () => {
      engineReady = Promise.withResolvers<void>()
      process.kill(enginePid, 'SIGKILL')
      await engineReady.promise
    },
    stopSenders: async () => {
      tell({ type: 'stop' })
      await Promise.all(gone)
    },
    close: async () => {
      process.off('exit', leaveNothingBehind)
      leaveNothingBehind()
      await gate.close()
      await client.close()
      await engine.close()
      disk?.close()
      directory.remove()
    },
  }
}
