/** Spans since the start of the process. */
export interface ExportStats {
  /** In the queue or on their way. */
  readonly waiting: number
  /** Acknowledged by the collector. */
  readonly exported: number
  /** Refused by the full queue. */
  readonly dropped: number
  /** Given up after retries, or refused by the collector. */
  readonly failed: number
}
