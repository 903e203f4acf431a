/**
 * Upkeep of a ledger, wherever its log is: a collector that runs does it between its own units; where none runs, this
 * process takes the log, so that none can start meanwhile.
 */
import { stat } from 'node:fs/promises'
import type { ClickHouseClient } from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import { Registry } from 'prom-client'
import { DEFAULT_REQUIRED } from '#src/collector-settings.ts'
import { deliverLedger, LedgerPoster } from '#src/ledger/ledger-poster.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import { createDelivery } from '#src/pipeline/create-delivery.ts'
import type { DeliverySettings } from '#src/pipeline/deliver-unit.ts'
import { outgoingUnitOf } from '#src/pipeline/sealed-manifest.ts'
import { createPipelineMetrics } from '#src/telemetry/pipeline-metrics.ts'
import { openWal, type Wal } from '#src/wal/index.ts'
import { askUpkeep } from './ask-upkeep.ts'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { runUpkeepJob } from './run-upkeep-job.ts'
import type { UpkeepAnswer, UpkeepJob } from './upkeep-job.ts'
import { findSocket } from './upkeep-socket.ts'

export interface UpkeepSettings {
  readonly walDirectory: string
  /** May change tables and insert. */
  readonly client: ClickHouseClient
  /** The packaged tables; what the collector requires, where it is not the default. */
  readonly policy: Omit<PostingPolicy, 'require'> & Partial<PostingPolicy>
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

/**
 * Fails with `E_NO_LOG` where the directory holds none, with `E_COLLECTOR_BUSY` where a collector owns it and takes no
 * upkeep.
 */
export const runUpkeep = async <Job extends UpkeepJob>(
  settings: UpkeepSettings,
  job: Job,
): Promise<UpkeepAnswer<Job>> => {
  const { walDirectory, onProgress } = settings
  await assertLog(walDirectory)
  const wal = await takeLog(walDirectory)
  if (wal === undefined) return askUpkeep(await socketOf(walDirectory), job, onProgress)
  try {
    const delivery = deliveryOf(settings, wal, job)
    await finishLedgerUnits(wal, delivery)
    return (await runUpkeepJob(keeperOf(settings, wal, delivery), job, onProgress)) as UpkeepAnswer<Job>
  } finally {
    await wal.close()
  }
}

const assertLog = async (directory: string): Promise<void> => {
  const found = await stat(`${directory}/META`).catch(() => undefined)
  if (found !== undefined) return
  throw new OutlayError('E_NO_LOG', 'no log of a collector is there', {
    where: directory,
    fix: 'name the data directory of the collector with --data-dir, or its log with --log',
  })
}

/** Undefined where somebody else owns it. */
const takeLog = async (directory: string): Promise<Wal | undefined> => {
  try {
    return await openWal({ directory, clock: systemClock })
  } catch (error) {
    if (error instanceof OutlayError && error.code === 'E_WAL_LOCKED') return undefined
    throw error
  }
}

const socketOf = async (directory: string): Promise<string> => {
  const socket = await findSocket(directory)
  if (socket !== undefined) return socket
  throw new OutlayError('E_COLLECTOR_BUSY', 'a process owns this log and takes no upkeep', {
    where: directory,
    fix: 'wait until it has started, or stop it and run the command again',
  })
}

const deliveryOf = ({ client, signal, onProgress }: UpkeepSettings, wal: Wal, job: UpkeepJob): DeliverySettings => {
  const place = { client, database: job.database, wal, clock: systemClock, signal }
  const metrics = createPipelineMetrics(new Registry())
  return createDelivery({ ...place, metrics }, (event) => {
    if (event.type === 'writer_held') onProgress(`${event.table} refuses inserts with code ${event.code}; trying again`)
    if (event.type === 'views_changed') onProgress(`views on ${event.table} became others: ${event.views}`)
    if (event.type === 'windows_missing') onProgress(`${event.tables} would count a retry twice; nothing is inserted`)
    if (event.type === 'database_unreachable') onProgress('the database cannot be read just now; trying again')
  })
}

const keeperOf = ({ client, policy, signal }: UpkeepSettings, wal: Wal, delivery: DeliverySettings): LedgerKeeper => {
  const poster = new LedgerPoster({ wal, delivery, clock: systemClock, onPosted: () => undefined })
  return {
    source: { client, database: delivery.database },
    wal,
    policy: { require: DEFAULT_REQUIRED, ...policy },
    clock: systemClock,
    signal,
    exclusively: (work) => work(poster),
  }
}

/** Nothing may be in doubt while counters are put in place. Evidence that is sealed waits for its collector. */
const finishLedgerUnits = async (wal: Wal, delivery: DeliverySettings): Promise<void> => {
  for (const found of await wal.sealedUnits()) {
    const unit = outgoingUnitOf(found, delivery.clock.now())
    if (unit.kind === 'ledger') await deliverLedger(unit, wal, delivery)
  }
}
