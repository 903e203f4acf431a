/** What the processes of a run tell each other. */

export interface Share {
  /** `judge` in process, `send` to servers, or send `names`: requests of attributes whose names never come twice. */
  readonly part: 'judge' | 'send' | 'names'
  readonly seed: number
  /** Every `step`-th body from `first` below `end`. */
  readonly first: number
  readonly step: number
  readonly end: number
}

export interface Failure {
  readonly index: number
  readonly what: string
}

export interface Progress {
  readonly type: 'progress' | 'done'
  readonly judged: number
  /** Bodies by what became of them. */
  readonly counts: Readonly<Record<string, number>>
  readonly slowestMs: number
  readonly slowest: number
  /** After a full collection. */
  readonly heapMib: number
  readonly rssMib: number
  readonly failures: readonly Failure[]
}
