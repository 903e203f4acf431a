/** One way to use a framework, with its seam and without. */
import type { MeterQuantities } from '@outlay/core'

export interface SeamSetting {
  /** The stub provider. */
  readonly url: string
  /** With the seam of `@outlay/instrumentation`. */
  readonly measured: boolean
  /** With the other observer of the same calls, if the seam names one. */
  readonly doubled: boolean
  readonly stream: boolean
  /** Offers the tool `weather`, which is run, so that a second call follows. */
  readonly tools: boolean
  /** Requests that may follow a first one that failed. */
  readonly retries: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

export interface Seam {
  readonly id: string
  readonly provider: string
  /** What is served, and billed. */
  readonly meters: MeterQuantities
  /** What is billed where the framework keeps the provider's usage object to itself: totals that it cannot split. */
  readonly folded?: MeterQuantities
  /** What the app gets, without what differs from run to run. */
  readonly run: (setting: SeamSetting) => Promise<unknown>
  /** Kinds of calls there are. Default: both. */
  readonly streams?: 'both' | 'never'
  /** Models without tools. */
  readonly toolless?: true
  /** The model's name for the tool, where it is not the app's. */
  readonly toolName?: string
  /** The framework's models take no signal. */
  readonly unabortable?: true
  /** Where a second try is made: below the seam it is one call, above it each try is one. */
  readonly retriedBy: 'below' | 'above'
  /** The other observer, as in `SeamSetting.doubled`. */
  readonly doubledBy?: string
}

/** The tool's own name, its arguments and its answer. */
export const WEATHER = { name: 'weather', arguments: { city: 'Porto' }, answer: 'sunny' } as const

export const PROMPT = 'hello, these are words of a prompt'
