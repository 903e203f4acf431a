/** What is compared, and what one process says of it. */
export const VARIANTS = ['plain', 'outlay', 'traceloop without content', 'traceloop'] as const
export type Variant = (typeof VARIANTS)[number]

export interface ChildResult {
  /** Median of one call in the quietest block, from the SDK's method to its answer, with a `fetch` that answers at once. */
  readonly callMicroseconds: number
  /** Heap of one call that waits for its answer, after a garbage collection. */
  readonly heapBytes: number
}
