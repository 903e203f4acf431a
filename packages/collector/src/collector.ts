/** The collector: receive → log → evidence → ledger, wired. Everything it needs comes in through settings. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createWindowLoader } from '@outlay/clickhouse'
import { limits, systemClock } from '@outlay/core'
import { Registry } from 'prom-client'
import { openWal, type Wal } from '#src/wal/index.ts'
import type { Collector, CollectorEvent, CollectorSettings } from './collector-settings.ts'
import { BUILT_IN_DIALECTS } from './ledger/plan-parts.ts'
import { untilReachable } from './ledger/until-reachable.ts'
import { SETTLEMENT_CONSUMER, SettlementWorker } from './ledger/settlement-worker.ts'
import { bindOrExplain, hostInUrl } from './listen.ts'
import { MIRROR_CONSUMER, runMirror } from './mirror/mirror-worker.ts'
import { createLiveAttribution, type LiveAttribution } from './pipeline/live-attribution.ts'
import { createDelivery } from './pipeline/create-delivery.ts'
import type { DeliverySettings } from './pipeline/deliver-unit.ts'
import { EVIDENCE_CONSUMER } from './pipeline/evidence-worker.ts'
import { runPipeline } from './pipeline/run-pipeline.ts'
import { createPriceWatcher, type PriceWatcher } from './prices/price-watcher.ts'
import { startReceivers } from './receivers.ts'
import { createAdminServer, type Health } from './telemetry/admin-server.ts'
import { createCommitMetrics, registerLogMetrics } from './telemetry/log-metrics.ts'
import { NO_ENGINE, registerEngineMetrics } from './telemetry/engine-metrics.ts'
import { registerBuildInfo } from './telemetry/process-metrics.ts'
import { createMirrorMetrics } from './telemetry/mirror-metrics.ts'
import { registerSettlementMetrics } from './telemetry/settlement-metrics.ts'
import { createPipelineMetrics, type PipelineMetrics } from './telemetry/pipeline-metrics.ts'
import { startUpkeepServer, type UpkeepServer } from './upkeep/upkeep-server.ts'
import { within } from './within.ts'

const PRICE_POLL_MS = 1_000
const SETTLED_POLL_MS = 25
const GIVING_UP_MS = 500

/** Parts that exist as soon as the log is open. */
interface Core {
  readonly settings: CollectorSettings
  readonly wal: Wal
  readonly registry: Registry
  readonly metrics: PipelineMetrics
  readonly stop: AbortController
  /** What is still in doubt is left to the next start. */
  readonly giveUp: AbortController
  readonly onEvent: (event: CollectorEvent) => void
}

/**
 * Starts receiving at once; the database may come later. Fails with `E_WAL_LOCKED` when another process owns the log, with
 * `E_PORT_IN_USE` when an address cannot be bound; nothing keeps running then.
 */
export const startCollector = async (settings: CollectorSettings): Promise<Collector> => {
  const registry = new Registry()
  const clock = settings.clock ?? systemClock
  const onEvent = settings.onEvent ?? (() => undefined)
  const wal = await openWal({
    ...settings.wal,
    directory: settings.walDirectory,
    clock,
    onCommit: createCommitMetrics(registry),
    // Nothing is acked from then on: the process should end, and recovery tells what is durable.
    onFailed: (error) => onEvent({ type: 'failed', error }),
  })
  wal.registerConsumers([
    EVIDENCE_CONSUMER,
    SETTLEMENT_CONSUMER,
    ...(settings.mirror === undefined ? [] : [MIRROR_CONSUMER]),
  ])
  registerLogMetrics(registry, wal, clock)
  registerBuildInfo(registry)
  registerEngineMetrics(registry, settings.engine ?? (() => NO_ENGINE))
  const core: Core = {
    settings,
    wal,
    registry,
    metrics: createPipelineMetrics(registry),
    stop: new AbortController(),
    giveUp: new AbortController(),
    onEvent,
  }
  const workers = await startWorkers(core)
  try {
    return await startServers(core, workers)
  } catch (error) {
    await stopWorkers(core, workers)
    throw error
  }
}

const deliveryOf = ({ settings, wal, metrics, stop, giveUp, onEvent }: Core): DeliverySettings => {
  const { client, database, clock = systemClock } = settings
  return createDelivery(
    {
      client,
      database,
      wal,
      metrics,
      clock,
      signal: stop.signal,
      giveUp: giveUp.signal,
      attemptMs: settings.insertAttemptMs,
    },
    onEvent,
  )
}

interface Workers {
  readonly settlement: SettlementWorker
  readonly upkeep: UpkeepServer | undefined
  readonly attribution: LiveAttribution
  readonly refreshPrices: () => Promise<unknown>
  /** The first error of ours, if any: the collector is then no longer healthy. */
  readonly failure: () => unknown
  readonly ended: Promise<unknown>
}

const startWorkers = async (core: Core): Promise<Workers> => {
  const { settings, wal, stop, onEvent } = core
  const { client, database, book, clock = systemClock } = settings
  const delivery = deliveryOf(core)
  const attribution = createLiveAttribution(settings)
  const policy = {
    ...book,
    // Whoever plans reads it anew for every unit.
    get require() {
      return attribution.require
    },
  }
  const loader = createWindowLoader({ client, database, ...book, clock })
  const watcher = watchPrices(core, loader)
  const settlement = new SettlementWorker({
    wal,
    delivery,
    clock,
    policy,
    dialects: settings.dialects ?? BUILT_IN_DIALECTS,
    sharedTraces: {
      ownerMs: limits.sharedTraceOwnerMs,
      otherMs: limits.sharedTraceOtherMs,
      ...settings.sharedTraces,
    },
    queue: {
      quietPeriodMs: settings.quietPeriodMs ?? limits.quietPeriodMs,
      quietPeriodOwnDialectMs: settings.quietPeriodOwnDialectMs ?? limits.quietPeriodOwnDialectMs,
      openMsMax: settings.traceOpenMsMax ?? limits.traceOpenMsMax,
      showEveryMs: settings.openTraceShownEveryMs ?? limits.openTraceShownEveryMs,
      tracesMax: settings.waitingTracesMax ?? limits.waitingTracesMax,
    },
    onPosted: watcher.nudge,
    onRulesFollowed: (derived) => onEvent({ type: 'rules_followed', ...derived }),
  })
  registerSettlementMetrics(core.registry, clock, () => settlement.waiting)
  const sealed = await wal.sealedUnits()
  const { truncatedBytes, lostRecords } = wal.recovery
  onEvent({ type: 'recovered', truncatedBytes, lostRecords, sealedUnits: sealed.length })

  let failure: unknown
  const guard = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      // Aborted waits reject: that is how workers end.
      if (stop.signal.aborted) return
      failure = error
      onEvent({ type: 'failed', error })
    })
  const unitAgeMs = settings.unitAgeMs ?? limits.unitAgeMs
  const { prepare = () => Promise.resolve() } = settings
  const prepared = untilReachable(delivery, prepare)
  const ended = Promise.all([
    guard(
      prepared.then(() =>
        runPipeline({ wal, delivery, settlement, sealed, unitAgeMs, mapAttribution: () => attribution.map }),
      ),
    ),
    guard(prepared.then(() => watcher.run())),
    mirrorTo(core),
  ])
  const keeper = { source: { client, database }, wal, policy, clock, signal: stop.signal }
  const upkeep = await startUpkeepServer({
    ...keeper,
    exclusively: (work) => settlement.exclusively(work),
  }).catch((error: unknown) => {
    // A file system without sockets: everything else works.
    onEvent({ type: 'upkeep_unavailable', error })
    return undefined
  })
  return { settlement, upkeep, attribution, refreshPrices: () => loader.refresh(), failure: () => failure, ended }
}

const mirrorTo = async ({ settings: { mirror }, wal, registry, stop, onEvent }: Core): Promise<void> => {
  if (mirror === undefined) return
  await runMirror({
    wal,
    mirror,
    metrics: createMirrorMetrics(registry),
    signal: stop.signal,
    onHeld: (code) => onEvent({ type: 'mirror_held', code }),
    onSkipped: (records) => onEvent({ type: 'mirror_skipped', records }),
    onFailed: (error) => onEvent({ type: 'mirror_failed', error }),
  })
}

const watchPrices = (
  { settings, metrics, stop, onEvent }: Core,
  loader: ReturnType<typeof createWindowLoader>,
): PriceWatcher =>
  createPriceWatcher({
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

/** A database that does not answer holds nothing up for long: its units are sealed, and the next start sends them again. */
const stopWorkers = async (
  { settings, wal, stop, giveUp }: Core,
  { upkeep, ended }: Pick<Workers, 'upkeep' | 'ended'>,
): Promise<void> => {
  stop.abort()
  const done = Promise.all([upkeep?.close(), ended])
  if (!(await within(settings.shutdown?.unitsMs ?? limits.shutdownUnitsMs, done))) {
    giveUp.abort()
    // Inserts end with it; reads end whenever they do, and nothing is written after them.
    await within(GIVING_UP_MS, done)
  }
  await wal.close()
}

const startServers = async (core: Core, workers: Workers): Promise<Collector> => {
  const { settings, registry } = core
  let draining = false
  const health = (): Health => healthOf(core, workers, draining)
  const admin = settings.admin && createAdminServer({ registry, health, others: settings.admin.others })
  const receivers = await startReceivers({
    ...core,
    isReady: () => {
      const { healthy, ready } = health()
      return healthy && ready
    },
  })
  try {
    const adminUrl = admin && settings.admin ? await listenAdmin(admin, settings.admin) : undefined
    return {
      url: receivers.url,
      grpcUrl: receivers.grpcUrl,
      adminUrl,
      health,
      metrics: () => registry.metrics(),
      reload: (next) => {
        if (next !== undefined) workers.attribution.replace(next)
        return receivers.reload(next)
      },
      settled: (signal) => waitUntilSettled(core, workers, signal),
      close: async ({ drainDelayMs = 0 } = {}) => {
        draining = true
        // Balancers look at `/readyz` and send elsewhere; until they do, what comes is taken as always.
        if (drainDelayMs > 0) await delay(drainDelayMs)
        await receivers.close()
        if (admin) await closeServer(admin)
        await stopWorkers(core, workers)
      },
    }
  } catch (error) {
    await receivers.close()
    throw error
  }
}

const healthOf = ({ settings, wal }: Core, workers: Workers, draining: boolean): Health => {
  const { backlogRecords, logBytes } = wal.stats()
  return {
    healthy: !wal.failed && workers.failure() === undefined,
    ready: !draining && !wal.failed,
    details: {
      wal_backlog_records: Number(backlogRecords.get(EVIDENCE_CONSUMER) ?? 0n),
      wal_bytes: logBytes,
      database: settings.database,
    },
  }
}

const waitUntilSettled = async (
  { wal }: Core,
  { settlement, refreshPrices, failure }: Workers,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const target = wal.durableLsn
  while (wal.cursor(EVIDENCE_CONSUMER) < target || !settlement.isIdle) {
    if (failure() !== undefined) throw failure()
    await delay(SETTLED_POLL_MS, undefined, signal ? { signal } : {})
  }
  await refreshPrices()
}

const listenAdmin = async (server: Server, address: { host: string; port: number }): Promise<string> =>
  bindOrExplain(address, { purpose: 'metrics and health', flag: '--admin-port' }, async () => {
    server.listen(address.port, address.host)
    await once(server, 'listening')
    return `http://${hostInUrl(address.host)}:${(server.address() as AddressInfo).port}`
  })

const closeServer = async (server: Server): Promise<void> => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
