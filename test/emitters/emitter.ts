/** What an entry of the list says about one emitter, and what its process gets. */
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Meter } from '@outlay/core'
import type { QualityFlag } from '@outlay/semconv'
import type { CaseId } from './cases.ts'

/** The stub provider, for one case: requests of different cases are told apart by their base URL. */
export interface Lane {
  /** Base URL for the Anthropic SDK. */
  readonly url: string
  /** Base URL for the OpenAI SDK. */
  readonly openaiUrl: string
  /** Base URL for the AI SDK's Anthropic provider. */
  readonly anthropicV1Url: string
  readonly model: string
}

export type Program = (lane: Lane) => Promise<void>
export type Programs = { readonly [id in CaseId]?: Program }

/** What the rows of a case look like where they cannot be as fine as what was served. */
export interface Sight {
  /** Meters that the emitter cannot tell: what is counted in which other meter instead. */
  readonly folds?: { readonly [meter in Meter]?: Meter }
  /** Meters that it leaves out altogether: tokens that are lost to the ledger. */
  readonly drops?: readonly Meter[]
  /** Output tokens that the library under it adds to what was served. */
  readonly addedOutput?: number
  /** Default `reported`. */
  readonly cacheSplit?: 'reported' | 'unknown'
  /** Beside the flags that follow from the meters. Default none. */
  readonly flags?: readonly QualityFlag[]
  /** Several records of a call were joined: the flags that say so, or that one of them was off, are not compared. */
  readonly joined?: true
  /** Attempts without an answer that are listed as calls without usage. Default 0. */
  readonly listedAttempts?: number
  /** It names no provider: prices are found only through the operator's alias map. */
  readonly hidesProvider?: true
  /** It reports that there was a call, and nothing of its usage: listed, not billed. */
  readonly unseen?: true
}

/** Where attribution comes from: attributes of a foreign root span, or our context and span processor. */
export type AttributedBy = 'root_span' | 'processor'

export interface Emitter {
  readonly id: string
  /** What is under test, as named in package.json. */
  readonly packages: readonly string[]
  /** How it is set up, where that is not the default. */
  readonly variant?: string
  readonly attributedBy: AttributedBy
  readonly cases: readonly CaseId[]
  readonly sight: (id: CaseId) => Sight
  /** Its own way to the collector; default: the OTLP exporter of the OTel SDK. */
  readonly exportedBy?: (setting: Setting) => Promise<SpanProcessor>
  /** Sets the emitter up in a process of its own, after the global tracer provider, and says how each case is run. */
  readonly start: (setting: Setting) => Promise<Programs>
  /** Waits for spans that end after the calls that they stand for. */
  readonly finish?: () => Promise<void>
}

export interface Setting {
  /** Base URL of the collector. */
  readonly collectorUrl: string
  /** The stub provider outside of any lane: it answers 404. For what would otherwise go to its maker's service. */
  readonly nowhereUrl: string
}
