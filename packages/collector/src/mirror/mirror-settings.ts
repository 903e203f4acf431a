/** Where spans go beside the ledger. */
export interface MirrorSettings {
  /** Where traces are posted to: OTLP over HTTP, protobuf. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'gzip' | 'none'
  /** Of one request. */
  readonly timeoutMs: number
  /** What may wait in the log for it, in bytes; beyond that it skips ahead and counts. */
  readonly maxLagBytes: number
}
