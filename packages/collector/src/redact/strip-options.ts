/** Redaction as an operator configures it, and the stripper built from it. */
import { limits } from '@outlay/core'
import { ATTRIBUTE_KEYS_VERSION, classifyAttributeKey, KNOWN_KEYS, USAGE_JSON_SUBTREES } from '@outlay/semconv'
import type { ClassifyAttributeKey } from './attribute-class.ts'
import { type StrippedRequest, TraceRequestStripper } from './strip-trace-request.ts'

export const REDACT_MODES = ['carriers', 'known_only', 'off'] as const
export type RedactMode = (typeof REDACT_MODES)[number]

export interface StripOptions {
  /** What the name of an attribute says; by default the names of `@outlay/semconv`. */
  readonly classify?: ClassifyAttributeKey
  /** Subtrees that may stay of JSON usage carriers; by default those of `@outlay/semconv`. */
  readonly usageSubtrees?: Readonly<Record<string, readonly string[]>>
  /**
   * `carriers` keeps harmless unknown attributes, `known_only` none. `off` keeps content: everything under its caps, but
   * user ids, which stay hashed, and `extraKeys`.
   */
  readonly mode?: RedactMode
  /** Names that the operator reads as attribution: known, unless they carry content or identify a person. */
  readonly mappedKeys?: readonly string[]
  /** More names to drop. */
  readonly extraKeys?: readonly string[]
  readonly unknownBytesMax?: number
  readonly keepStatusMessage?: boolean
  /** Key of the hash for user ids that arrive in the clear; without it they are dropped. */
  readonly userHashKey?: string | Uint8Array
}

/** Keep one per configuration: it remembers its verdicts about names. */
export interface TraceStripper {
  /** Mode and version of the names: stored with every record. */
  readonly rulesetId: string
  /** What it returns may hold prompts and outputs: marked in every record. */
  readonly keepsContent: boolean
  /** Throws `WireError` on malformed requests. */
  strip(body: Buffer): StrippedRequest
}

export const createTraceStripper = (options: StripOptions = {}): TraceStripper => {
  const mode = options.mode ?? 'carriers'
  const { classify = classifyAttributeKey } = options
  const mapped = new Set(options.mappedKeys)
  const stripper = new TraceRequestStripper({
    classify: (key) => {
      const judged = classify(key)
      return judged === 'unknown' && mapped.has(key) ? 'known' : judged
    },
    listedKeys: new Set([...KNOWN_KEYS, ...mapped]),
    usageSubtrees: options.usageSubtrees ?? USAGE_JSON_SUBTREES,
    extraCarriers: new Set(options.extraKeys),
    knownOnly: mode === 'known_only',
    keepContent: mode === 'off',
    unknownBytesMax: options.unknownBytesMax ?? limits.unknownAttributeBytesMax,
    keepStatusMessage: mode === 'off' || (options.keepStatusMessage ?? false),
    userHashKey: options.userHashKey,
  })
  return {
    rulesetId: `${mode}@${ATTRIBUTE_KEYS_VERSION}`,
    keepsContent: mode === 'off',
    strip: (body) => stripper.strip(body),
  }
}

/** A stripper whose rules may change while it is in use: each request is stripped by one set of them. */
export interface ReplaceableStripper extends TraceStripper {
  replace(options: StripOptions): void
}

export const createReplaceableStripper = (options: StripOptions): ReplaceableStripper => {
  let current = createTraceStripper(options)
  return {
    get rulesetId() {
      return current.rulesetId
    },
    get keepsContent() {
      return current.keepsContent
    },
    strip: (body) => current.strip(body),
    replace: (next) => {
      current = createTraceStripper(next)
    },
  }
}

/**
 * Strips one protobuf trace request. Throws `WireError` if it is malformed; never returns unstripped content.
 *
 * ```ts
 * const { body, spanCount } = stripTraceRequest(received)
 * ```
 */
export const stripTraceRequest = (body: Buffer, options: StripOptions = {}): StrippedRequest =>
  createTraceStripper(options).strip(body)
