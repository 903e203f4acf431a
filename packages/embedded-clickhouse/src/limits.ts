/** Every bound of the endpoint, each with its unit last. */
const MIB = 1024 * 1024

export const engineLimits = {
  /** Read queries of `reader` that run at once, at most; fewer on a machine with fewer cores. */
  readersMax: 4,
  /** Read queries of `collector` and `migrator` that run at once: a busy panel must not hold up settlement. */
  serviceReadersMax: 2,
  laneQueueMax: 64,
  readerWaitMs: 5_000,
  writerWaitMs: 60_000,

  readerQueryBytesMax: 256 * 1024,
  serviceQueryBytesMax: 32 * MIB,
  insertBodyBytesMax: 256 * MIB,
  requestHeaderBytesMax: 128 * 1024,

  resultBytesMax: 64 * MIB,
  resultRowsMax: 1_000_000,
  serviceResultBytesMax: 256 * MIB,
  readerMemoryBytesMax: 2 * 1024 * MIB,
  readerSecondsMax: 30,
  serviceSecondsMax: 600,
  compressAboveBytes: 1024,

  connectionsMax: 1024,
  keepAliveMs: 10_000,
  headersTimeoutMs: 10_000,

  restartDelayFirstMs: 100,
  restartDelayMaxMs: 30_000,
  /** An engine that lived this long starts its back-off anew. */
  restartResetMs: 60_000,
  startTimeoutMs: 60_000,
  /** After this, connections that are still busy are cut and their queries stopped. */
  drainMs: 2_000,
  /** After this the engine process kills itself. */
  stopMs: 3_500,
  closeMs: 4_500,
} as const
