/** Everything behind the ack, in its order: old units first, then new evidence and settlement side by side. */
import { deliverLedger } from '#src/ledger/ledger-poster.ts'
import type { SettlementWorker } from '#src/ledger/settlement-worker.ts'
import { untilReachable } from '#src/ledger/until-reachable.ts'
import type { SealedUnit, Wal } from '#src/wal/index.ts'
import type { DeliverySettings } from './deliver-unit.ts'
import type { TouchedTrace } from './evidence-unit.ts'
import { deliverEvidence, EVIDENCE_CONSUMER, runEvidenceWorker } from './evidence-worker.ts'
import type { MapAttribution } from './map-attribution.ts'
import { outgoingUnitOf } from './sealed-manifest.ts'
import { readStoredRanges } from './stored-ranges.ts'

interface PipelineSettings {
  readonly wal: Wal
  readonly delivery: DeliverySettings
  readonly settlement: SettlementWorker
  /** Units that the last run sealed and did not finish. */
  readonly sealed: readonly SealedUnit[]
  readonly unitAgeMs: number
  /** As configured now. */
  readonly mapAttribution: () => MapAttribution
}

interface Listeners {
  readonly onSending: (traces: readonly TouchedTrace[]) => void
  readonly onStored: (traces: readonly TouchedTrace[]) => void
}

/** Runs until the signal aborts. */
export const runPipeline = async (settings: PipelineSettings): Promise<void> => {
  const { wal, delivery, settlement, unitAgeMs, mapAttribution } = settings
  const listeners: Listeners = {
    onSending: (traces) => settlement.expect(traces),
    onStored: (traces) => settlement.touch(traces),
  }
  await finishSealedUnits(settings, listeners)
  const logs = wal.uuids
  const behind = { anomalies: wal.recovery.anomalies, logs, afterLsn: wal.cursor(EVIDENCE_CONSUMER) }
  const stored = await untilReachable(delivery, () => readStoredRanges(delivery, behind))
  await settlement.recover(logs)
  await Promise.all([
    runEvidenceWorker({
      wal,
      delivery,
      unitAgeMs,
      stored,
      mapAttribution,
      memory: settlement.memory,
      untilRoom: () => settlement.untilRoom(),
      ...listeners,
    }),
    settlement.run(),
  ])
}

/** Unchanged and oldest first; nothing new is sealed before they are in. */
const finishSealedUnits = async ({ wal, delivery, sealed }: PipelineSettings, listeners: Listeners): Promise<void> => {
  for (const found of sealed) {
    const { name } = found
    const unit = outgoingUnitOf(found, delivery.clock.now())
    if (unit.kind === 'ledger') await deliverLedger(unit, wal, delivery)
    else if (unit.lastLsn <= wal.cursor(EVIDENCE_CONSUMER)) await wal.removeSealed(name)
    else await deliverEvidence(unit, { wal, delivery, ...listeners }, [])
  }
}
