/** Everything behind the ack, in its order: old units first, then new evidence and settlement side by side. */
import { assertDeduplicationWindows } from '@outlay/clickhouse'
import { deliverLedger } from '#src/ledger/ledger-poster.ts'
import type { SettlementWorker } from '#src/ledger/settlement-worker.ts'
import { untilReachable } from '#src/ledger/until-reachable.ts'
import type { SealedUnit, Wal } from '#src/wal/index.ts'
import type { DeliverySettings } from './deliver-unit.ts'
import { deliverEvidence, EVIDENCE_CONSUMER, runEvidenceWorker, type TouchedTrace } from './evidence-worker.ts'
import { outgoingUnitOf } from './sealed-manifest.ts'

interface PipelineSettings {
  readonly wal: Wal
  readonly delivery: DeliverySettings
  readonly settlement: SettlementWorker
  /** Units that the last run sealed and did not finish. */
  readonly sealed: readonly SealedUnit[]
  readonly unitAgeMs: number
}

/** Runs until the signal aborts. */
export const runPipeline = async (settings: PipelineSettings): Promise<void> => {
  const { wal, delivery, settlement, unitAgeMs } = settings
  const onStored = (traces: readonly TouchedTrace[]): void => settlement.touch(traces)
  // Not before receiving: while the database is away the log takes everything.
  await untilReachable(delivery, () => assertDeduplicationWindows(delivery.client, delivery.database))
  await finishSealedUnits(settings, onStored)
  await settlement.recover()
  await Promise.all([runEvidenceWorker({ wal, delivery, unitAgeMs, onStored }), settlement.run()])
}

/** Unchanged and oldest first; nothing new is sealed before they are in. */
const finishSealedUnits = async (
  { wal, delivery, sealed }: PipelineSettings,
  onStored: (traces: readonly TouchedTrace[]) => void,
): Promise<void> => {
  for (const { name, manifest, payload } of sealed) {
    const unit = outgoingUnitOf(name, manifest, payload)
    if (unit.kind === 'ledger') await deliverLedger(unit, wal, delivery)
    else if (unit.lastLsn <= wal.cursor(EVIDENCE_CONSUMER)) await wal.removeSealed(name)
    else await deliverEvidence(unit, { wal, delivery, onStored }, [])
  }
}
