/** The shape of a provider's usage object, as data (spec: counters §5, §9). */
import type { Meter } from '@outlay/core'
import type { Counter } from './counters.ts'

export type RawShapeId =
  | 'anthropic'
  | 'bedrock'
  | 'cohere'
  | 'deepseek'
  | 'gemini'
  | 'llama'
  | 'mistral'
  | 'openai_chat'
  | 'openai_compatible'
  | 'openai_duration'
  | 'openai_responses'
  | 'titan'
  | 'xai_chat'
  | 'xai_responses'

/** A list of `{modality, tokenCount}` entries. */
export interface ModalityList {
  readonly paths: readonly string[]
  readonly counters: ReadonlyMap<string, Counter>
}

export interface RawShape {
  readonly id: RawShapeId
  /** Any of these paths makes the object readable as this shape. */
  readonly requires: readonly string[]
  /** Together with `requires`, these identify the shape whatever host and provider say. */
  readonly marks: readonly string[]
  /** Any of these paths shows that the object is of another shape: reading it as this one would lose counters. */
  readonly unless?: readonly string[]
  /** True if the input count contains cache reads and writes. */
  readonly cacheInInput: boolean
  /**
   * `inside` or `outside` the output count; `by_total`: the total decides; `from_total`: output is the total minus
   * everything on the input side.
   */
  readonly reasoning: 'inside' | 'outside' | 'by_total' | 'from_total'
  /** The provider reports caches always, or omits them only when there are none. */
  readonly cacheAlwaysKnown: boolean
  /** Counters that lie beside the input count and belong to the input side. */
  readonly besideInput?: readonly Counter[]
  readonly counters: { readonly [counter in Counter]?: readonly string[] }
  readonly units?: { readonly [meter in Meter]?: readonly string[] }
  /** Counted by the provider, but we have no meter for it. */
  readonly unmapped?: readonly string[]
  readonly modalities?: readonly ModalityList[]
  /** Writes by time to live as a list of `{ttl, inputTokens}`. */
  readonly ttlListPath?: string
  /** Output as a list of answers, each with its count. */
  readonly outputList?: { readonly path: string; readonly count: string }
  /** Sub-calls that bill as their own rows. */
  readonly iterationsPath?: string
}
