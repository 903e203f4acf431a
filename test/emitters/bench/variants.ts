/** What is measured: the SDK alone, in our wrapper, and under the other maker's instrumentation with and without content. */
export const VARIANTS = ['plain', 'outlay', 'traceloop', 'traceloop without content'] as const

export type Variant = (typeof VARIANTS)[number]

/** Each streamed answer has so many events. */
export const CHUNKS_PER_STREAM = 32

/** `streams`: a block of calls whose answers are streamed and read to their end. */
export type ChildQuestion = 'block' | 'streams' | 'heap'

export interface ChildAnswer {
  /** Median of a block of calls in microseconds, or bytes of heap per call in flight. */
  readonly value: number
  /** Spans that ended per call, so that nobody is fast by doing nothing. */
  readonly spansPerCall: number
}
