/** The collector: receive → log → evidence → ledger, wired. Everything it needs comes in through settings. */
import { setTimeout as delay } from 'node:timers/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  assertDeduplicationWindows,
  type ClickHouseClient,
  createWindowLoader,
  type WindowLoad,
} from '@outlay/clickhouse'
import { type Clock, limits, systemClock } from '@outlay/core'
import type { BookData } from '@outlay/pricing'
import { Registry } from 'prom-client'
import { createOtlpHttpServer } from '#src/otlp/index.ts'
import { createTraceStripper } from '#src/redact/index.ts'
import { openWal } from '#src/wal/index.ts'
import type { RequiredField } from './ledger/settled-row.ts'
import { deliverLedger, SETTLEMENT_CONSUMER, SettlementWorker } from './ledger/settlement-worker.ts'
import { untilReachable } from './ledger/until-reachable.ts'
import type { DeliverySettings } from './pipeline/deliver-unit.ts'
import { deliverEvidence, EVIDENCE_CONSUMER, runEvidenceWorker, type TouchedTrace } from './pipeline/evidence-worker.ts'
import { outgoingUnitOf } from './pipeline/sealed-manifest.ts'
import { createPriceWatcher } from './prices/price-watcher.ts'
import { createAdminServer, type Health } from './telemetry/admin-server.ts'
import { createPipelineMetrics } from './telemetry/pipeline-metrics.ts'
import { createReceiveMetrics } from './telemetry/receive-metrics.ts'

/** What happened that an operator may want to know. Never holds content, tokens or keys. */
export type CollectorEvent =
  | { readonly type: 'prices_loaded'; readonly load: WindowLoad }
  | { readonly type: 'prices_failed'; readonly error: unknown }
  | { readonly type: 'writer_held'; readonly table: string; readonly code: string }
  | { readonly type: 'block_quarantined'; readonly table: string; readonly code: string }
  | {
      readonly type: 'recovered'
      readonly truncatedBytes: number
      readonly lostRecords: bigint
      readonly sealedUnits: number
    }
  /** A mistake of ours answered one request with 500; nothing of it is in the log. */
  | { readonly type: 'request_failed'; readonly error: unknown }
  /** A worker ended with an error of ours: the process should stop; the log keeps everything. */
  | { readonly type: 'failed'; readonly error: unknown }

export interface CollectorSettings {
  readonly client: ClickHouseClient
  /** Database of the ledger; prepared beforehand. */
  readonly database: string
  readonly walDirectory: string
  readonly book: Pick<BookData, 'foldings' | 'bandEdges'>
  /** OTLP/HTTP. Port 0 = any. */
  readonly http: { readonly host: string; readonly port: number }
  /** `/metrics` and health. Port 0 = any; absent = not served. */
  readonly admin?: { readonly host: string; readonly port: number }
  readonly require?: readonly RequiredField[]
  readonly quietPeriodMs?: number
  readonly quietPeriodOwnDialectMs?: number
  readonly unitAgeMs?: number
  readonly pricePollMs?: number
  /** Key that hashes raw user ids of foreign senders; without it they are dropped and counted. */
  readonly userKey?: string
  readonly clock?: Clock
  readonly onEvent?: (event: CollectorEvent) => void
}

export interface Collector {
  /** Base URL for OTLP exporters. */
  readonly url: string
  readonly adminUrl: string | undefined
  health(): Health
  metrics(): Promise<string>
  /** Resolves when everything acked so far is settled and priced. */
  settled(signal?: AbortSignal): Promise<void>
  /** Stops accepting, lets requests in flight reach the log, ends the workers. What is not inserted stays in the log. */
  close(): Promise<void>
}

const PRICE_POLL_MS = 1_000
const SETTLED_POLL_MS = 25
export const DEFAULT_REQUIRED: readonly RequiredField[] = ['tenant', 'feature', 'workload']

export const startCollector = async (settings: CollectorSettings): Promise<Collector> => {
  const { client, database, clock = systemClock, onEvent = () => undefined } = settings
  const wal = await openWal({ directory: settings.walDirectory, clock })
  wal.registerConsumers([EVIDENCE_CONSUMER, SETTLEMENT_CONSUMER])
  const registry = new Registry()
  const metrics = createPipelineMetrics(registry)
  const stop = new AbortController()
  const delivery: DeliverySettings = {
    client,
    database,
    metrics,
    signal: stop.signal,
    onHeld: (table, code) => onEvent({ type: 'writer_held', table, code }),
    quarantine: async (block, unitName, code) => {
      await wal.quarantine(`${unitName}-${block.table}`, block.body, {
        code,
        table: block.table,
        token: block.token,
        rows: block.rows,
      })
      metrics.quarantined.inc({ reason: 'poison' }, block.rows)
      onEvent({ type: 'block_quarantined', table: block.table, code })
    },
  }

  const loader = createWindowLoader({ client, database, ...settings.book, clock })
  const watcher = createPriceWatcher({
    loader,
    pollMs: settings.pricePollMs ?? PRICE_POLL_MS,
    signal: stop.signal,
    onLoaded: (load) => {
      metrics.priceLoads.inc()
      metrics.pricedSkus.set(load.skus)
      onEvent({ type: 'prices_loaded', load })
    },
    onFailed: (error) => onEvent({ type: 'prices_failed', error }),
  })
  const settlement = new SettlementWorker({
    wal,
    delivery,
    clock,
    policy: { require: settings.require ?? DEFAULT_REQUIRED, ...settings.book },
    queue: {
      quietPeriodMs: settings.quietPeriodMs ?? limits.quietPeriodMs,
      quietPeriodOwnDialectMs: settings.quietPeriodOwnDialectMs ?? limits.quietPeriodOwnDialectMs,
      openMsMax: limits.traceOpenMsMax,
    },
    onPosted: watcher.nudge,
  })

  const onStored = (traces: readonly TouchedTrace[]): void => settlement.touch(traces)
  const sealed = await wal.sealedUnits()
  onEvent({
    type: 'recovered',
    truncatedBytes: wal.recovery.truncatedBytes,
    lostRecords: wal.recovery.lostRecords,
    sealedUnits: sealed.length,
  })
  /** Sealed units first, unchanged and oldest first; nothing new is sealed before they are in. */
  const pipeline = async (): Promise<void> => {
    // Not before receiving: while the database is away the log takes everything.
    await untilReachable(stop.signal, () => assertDeduplicationWindows(client, database))
    for (const { name, manifest, payload } of sealed) {
      const unit = outgoingUnitOf(name, manifest, payload)
      if (unit.kind === 'ledger') await deliverLedger(unit, wal, delivery)
      else if (unit.lastLsn <= wal.cursor(EVIDENCE_CONSUMER)) await wal.removeSealed(name)
      else await deliverEvidence(unit, { wal, delivery, onStored }, [])
    }
    await settlement.recover()
    await Promise.all([
      runEvidenceWorker({
        wal,
        delivery,
        unitAgeMs: settings.unitAgeMs ?? limits.unitAgeMs,
        onStored,
      }),
      settlement.run(),
    ])
  }
  const failed = { error: undefined as unknown }
  const guard = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      if (stop.signal.aborted) return
      failed.error = error
      onEvent({ type: 'failed', error })
    })
  const workers = [guard(pipeline()), guard(watcher.run())]

  const receiver = await createOtlpHttpServer({
    wal,
    stripper: createTraceStripper(settings.userKey === undefined ? {} : { userHashKey: settings.userKey }),
    metrics: createReceiveMetrics(registry),
    clock,
    onInternalError: (error) => onEvent({ type: 'request_failed', error }),
  })
  const { port } = await receiver.listen(settings.http)
  const draining = { value: false }
  const health = (): Health => {
    const stats = wal.stats()
    return {
      healthy: !wal.failed && failed.error === undefined,
      ready: !draining.value && !wal.failed,
      details: {
        wal_backlog_records: Number(stats.backlogRecords.get(EVIDENCE_CONSUMER) ?? 0n),
        wal_bytes: stats.logBytes,
        database,
      },
    }
  }
  const admin = settings.admin === undefined ? undefined : createAdminServer({ registry, health })
  const adminUrl = admin && settings.admin ? await listen(admin, settings.admin) : undefined

  return {
    url: `http://${settings.http.host}:${port}`,
    adminUrl,
    health,
    metrics: () => registry.metrics(),
    settled: async (signal) => {
      const target = wal.durableLsn
      while (wal.cursor(EVIDENCE_CONSUMER) < target || !settlement.isIdle) {
        if (failed.error !== undefined) throw failed.error
        await delay(SETTLED_POLL_MS, undefined, signal ? { signal } : {})
      }
      await loader.refresh()
    },
    close: async () => {
      draining.value = true
      await receiver.drain()
      await receiver.close()
      stop.abort()
      await Promise.all(workers)
      await closeServer(admin)
      await wal.close()
    },
  }
}

const listen = async (
  server: ReturnType<typeof createAdminServer>,
  { host, port }: { host: string; port: number },
): Promise<string> => {
  server.listen(port, host)
  await once(server, 'listening')
  return `http://${host}:${(server.address() as AddressInfo).port}`
}

const closeServer = async (server: ReturnType<typeof createAdminServer> | undefined): Promise<void> => {
  if (server === undefined) return
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
