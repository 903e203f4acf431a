/**
 * What a prompt is made of, counted before it is packed: `outlay.layer.{prompt,tool,memory}_tokens` of the calls in a scope. The
 * encoding is `o200k_base` of OpenAI, of which other makers' models differ: the figures tell shares, and bill nothing. Only counts
 * are kept.
 */
import { diag } from '@opentelemetry/api'
import { limits, OutlayError } from '@outlay/core'
import { countTokens } from 'gpt-tokenizer'
import type { LayerTokens } from './attribution/attribution.ts'
import { withAttribution } from './attribution/attribution-context.ts'
import { currentPolicy } from './attribution/policy.ts'

/** Text, or what becomes text when it is sent: definitions and results of tools, messages, lists of these. */
export type LayerContent = string | object

export interface Layers {
  /** Instructions and what the user said. */
  readonly prompt?: LayerContent | undefined
  /** Definitions of tools and their results. */
  readonly tool?: LayerContent | undefined
  /** Earlier turns, retrieved passages, notes. */
  readonly memory?: LayerContent | undefined
}

const LAYERS = ['prompt', 'tool', 'memory'] as const

/** What looks like a token of control is text: it came from a person. */
const AS_TEXT = { disallowedSpecial: new Set<string>() }

/** The tokenizer takes the square of the length of an unbroken run: pictures written as text would hold up the app for minutes. */
const RUN_CHARACTERS_MAX = 512

/** Runs that are longer are counted in pieces: at most one token too many for each. */
const tokensIn = (text: string): number => {
  let tokens = 0
  let from = 0
  const count = (to: number): void => {
    if (to > from) tokens += countTokens(text.slice(from, to), AS_TEXT)
    from = to
  }
  for (const { 0: run, index } of text.matchAll(/\S+|\s+/g)) {
    if (run.length <= RUN_CHARACTERS_MAX) continue
    count(index)
    for (let at = index; at < index + run.length; at += RUN_CHARACTERS_MAX) {
      count(Math.min(at + RUN_CHARACTERS_MAX, index + run.length))
    }
  }
  count(text.length)
  return tokens
}

/**
 * Tokens of each layer that is given. Fails with `E_ATTRIBUTION_VALUE` on content that is no text and cannot be written as JSON, or
 * that is larger than `limits.instrumentation.layerCharactersMax`: counting that would hold up the app.
 */
export const countLayers = (layers: Layers): LayerTokens => {
  const counted: { -readonly [layer in keyof LayerTokens]: number } = {}
  for (const layer of LAYERS) {
    const content = layers[layer]
    if (content !== undefined) counted[layer] = tokensIn(textOf(layer, content))
  }
  return counted
}

/**
 * Runs `fn`; the calls in it say how large the layers of their prompt were.
 *
 * ```ts
 * await withLayers({ prompt: [system, question], tool: tools, memory: history }, () => openai.responses.create(request))
 * ```
 * Content that `countLayers` refuses fails likewise under `onMissing: 'throw'`; otherwise the layers are left out with a warning.
 */
export const withLayers = <Result>(layers: Layers, fn: () => Result): Result => {
  let counted: LayerTokens
  try {
    counted = countLayers(layers)
  } catch (error) {
    if (!(error instanceof OutlayError) || currentPolicy().onMissing === 'throw') throw error
    diag.warn(`outlay: ${error.message}`)
    return fn()
  }
  return withAttribution({ layers: counted }, fn)
}

const textOf = (layer: string, content: unknown): string => {
  const text =
    Array.isArray(content) && content.every((part) => typeof part === 'string') ? content.join('\n') : written(content)
  if (text === undefined) throw refuse(layer, typeof content, 'text, or something that can be written as JSON')
  const max = limits.instrumentation.layerCharactersMax
  if (text.length > max) throw refuse(layer, `${text.length} characters`, `at most ${max}`)
  return text
}

const written = (content: unknown): string | undefined => {
  if (typeof content === 'string') return content
  if (typeof content !== 'object' || content === null) return undefined
  try {
    return JSON.stringify(content)
  } catch {
    return undefined
  }
}

const refuse = (layer: string, got: string, want: string): OutlayError =>
  new OutlayError('E_ATTRIBUTION_VALUE', `the ${layer} layer cannot be counted`, {
    got,
    want,
    fix: 'give what goes into the prompt, or count it yourself: withAttribution({ layers })',
  })
