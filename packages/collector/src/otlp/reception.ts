/** What every transport shares: who may send, one intake in front of the log, one budget of bytes. */
import { randomInt } from 'node:crypto'
import { type Clock, limits, systemClock } from '@outlay/core'
import { createTraceStripper, type TraceStripper } from '#src/redact/index.ts'
import type { Wal } from '#src/wal/index.ts'
import { type Admit, admitEverybody } from './admission.ts'
import { ByteBudget } from './byte-budget.ts'
import { FairTurns, type FairTurnsSettings } from './fair-turns.ts'
import { noReceiveMetrics, type ReceiveMetrics } from './receive-metrics.ts'
import { TraceIntake } from './trace-intake.ts'

export interface ReceptionSettings {
  readonly wal: Wal
  /** What is taken out before the log; by default all content, and user ids that arrive in the clear. */
  readonly stripper?: TraceStripper
  /** Who may send; by default everybody, as `local`. */
  readonly admit?: Admit
  readonly bodyBytesMax?: number
  readonly inFlightBytesMax?: number
  readonly turns?: FairTurnsSettings
  readonly clock?: Clock
  readonly metrics?: ReceiveMetrics
  readonly onRecord?: (lsn: bigint, spanCount: number) => void
  /** Whole seconds; by default 1 to 3 at random, so that clients do not come back together. */
  readonly retryAfterSeconds?: () => number
  /** A mistake of ours; the client was answered that we failed. Must not throw. */
  readonly onInternalError?: (error: unknown) => void
}

export interface Reception {
  readonly intake: TraceIntake
  readonly budget: ByteBudget
  readonly turns: FairTurns
  readonly metrics: ReceiveMetrics
  readonly admit: Admit
  readonly bodyBytesMax: number
  readonly clock: Clock
  readonly retryAfterSeconds: () => number
  readonly onInternalError: (error: unknown) => void
}

/** A server of one transport. */
export interface OtlpServer {
  /** Rejects if the address cannot be bound. Port 0 takes a free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>
  /** From here on senders are told to try again; resolves when requests under way have their answer, or took so long. */
  drain(longestMs?: number): Promise<void>
  /** Drains, then stops listening and closes connections. */
  close(): Promise<void>
}

/** Reads the log's recent headers once, to recognise requests that were sent before a restart. */
export const openReception = async (settings: ReceptionSettings): Promise<Reception> => {
  const { wal, metrics = noReceiveMetrics, clock = systemClock, onRecord } = settings
  const intake = await TraceIntake.open({
    wal,
    stripper: settings.stripper ?? createTraceStripper(),
    clock,
    metrics,
    ...(onRecord === undefined ? {} : { onRecord }),
  })
  return {
    intake,
    budget: new ByteBudget(settings.inFlightBytesMax ?? limits.inFlightBytesMax, (bytes) =>
      metrics.inFlightBytes(bytes),
    ),
    turns: new FairTurns(
      settings.turns ?? { workingMax: limits.requestsAtWorkMax, waitingMax: limits.requestsInLineMax },
    ),
    metrics,
    admit: settings.admit ?? admitEverybody(),
    bodyBytesMax: settings.bodyBytesMax ?? limits.requestBodyBytesMax,
    clock,
    retryAfterSeconds: settings.retryAfterSeconds ?? (() => randomInt(1, 4)),
    onInternalError: settings.onInternalError ?? (() => undefined),
  }
}
